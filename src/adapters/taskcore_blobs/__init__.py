"""Where bytes are kept: a folder of files, or this process's memory."""

from taskcore_blobs.folder import FolderBlobs, folder_blobs
from taskcore_blobs.memory import MemoryBlobs, memory_blobs

__all__ = ["FolderBlobs", "MemoryBlobs", "folder_blobs", "memory_blobs"]
