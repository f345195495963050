"""Trello's export of a board as JSON: its cards, their checklists and what was said about them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from taskcore.exchange.foreign.leftovers import labels_of, titled, with_block
from taskcore.exchange.foreign.words import instant_of, said, status_called
from taskcore.exchange.parsing import why
from taskcore.tasks.incoming import Incoming, Note, Refusal
from taskcore.values import Status

SOURCE = "trello"
FIELDS: Mapping[str, str] = {
    "board `name`": "`project_id`: the project of that name, made if need be",
    "`id`": "`external_id`; `created_at`, which is in it",
    "`name`, `desc`": "`title`, `description`",
    "list": "`status`, by its name (To Do, Doing, Done …); any other is a label of an open task",
    "`closed`, `dueComplete`": "an archived card is cancelled, unless it was done; a complete one is done",
    "`due`, `start`": "`due_at`, `start_at`",
    "`idMembers`": "the first is the assignee, where somebody in the team has that name; the others in the block",
    "`labels`": "`labels`, by name, or by colour where they have none",
    "checklists": "each item is a subtask; the checklist's name is in its block",
    "comments": "comments, with their author's name",
    "attachments, custom fields, place and whatever else a card has": "the block",
}
_TAKEN = frozenset(
    """id name desc idList closed due dueComplete start idMembers labels dateLastActivity dateCompleted""".split()
)
_OF_DISPLAY = frozenset(
    """idBoard idShort idLabels idChecklists checklists badges pos subscribed shortLink shortUrl manualCoverAttachment
    idAttachmentCover cover idMembersVoted checkItemStates descData email isTemplate cardRole mirrorSourceId
    limits dueReminder nodeId agent pinned badge creationMethod creationMethodError creationMethodLoadingStartedAt
    idOrganization idMemberCreator faviconUrl""".split()
)
"""Of a card: what Trello counts and shows, or what is told in another way."""
_OF_BOARD = frozenset(
    """id nodeId name desc descData closed dateClosed idOrganization idEnterprise limits pinned starred url
    shortLink shortUrl powerUps dateLastActivity idTags datePluginDisable creationMethod ixUpdate enterpriseOwned
    idBoardSource idMemberCreator type premiumFeatures templateGallery prefs labelNames labels subscribed
    dateLastView memberships pluginData idPlugins""".split()
)
_READ = frozenset("cards lists members checklists actions customFields".split())


@attrs.frozen
class Board:
    """What cards point at."""

    name: str | None
    lists: Mapping[str, Mapping[str, Any]]
    members: Mapping[str, str]
    checklists: Mapping[str, list[Mapping[str, Any]]]
    comments: Mapping[str, list[Note]]
    fields: Mapping[str, str]


def parse(pieces: Iterable[bytes]) -> Iterator[Incoming | Refusal]:
    """A card's line is its place in the list of cards, since the file may be one line."""
    try:
        given = json.loads(b"".join(pieces).decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        yield Refusal(1, f"is not JSON: {why(error)}")
        return
    if not isinstance(given, dict) or not isinstance(given.get("cards"), list):
        yield Refusal(1, "is no board of Trello: it has no list of cards")
        return
    unknown = sorted(name for name in given.keys() - _OF_BOARD - _READ if given[name])
    if unknown:
        yield Refusal(1, f"the board's {', '.join(unknown)[:300]}: no place here; left out")
    board = _board(given)
    for line, card in enumerate(given["cards"], 1):
        try:
            yield from _tasks(line, card, board)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            name = card.get("name") if isinstance(card, dict) else None
            yield Refusal(line, f"{str(name or 'a card')[:60]!r}: {_told(error)}")


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else f"is not as Trello writes it: {error}"


def _board(given: Mapping[str, Any]) -> Board:
    checklists: dict[str, list[Mapping[str, Any]]] = {}
    for each in _objects(given.get("checklists")):
        checklists.setdefault(str(each.get("idCard")), []).append(each)
    comments: dict[str, list[Note]] = {}
    for action in reversed(_objects(given.get("actions"))):  # the newest is the first
        data = action.get("data")
        if action.get("type") != "commentCard" or not isinstance(data, dict) or not data.get("text"):
            continue
        author = action.get("memberCreator")
        name = str(author.get("fullName") or "") if isinstance(author, dict) else ""
        card = data.get("card")
        note = said(instant_of(str(action.get("date"))), name, str(data["text"]))
        comments.setdefault(str(card.get("id")) if isinstance(card, dict) else "", []).append(note)
    return Board(
        str(given.get("name") or "")[:200] or None,
        {str(each.get("id")): each for each in _objects(given.get("lists"))},
        {
            str(each.get("id")): str(each.get("fullName") or each.get("username"))
            for each in _objects(given.get("members"))
        },
        checklists,
        comments,
        {str(each.get("id")): str(each.get("name")) for each in _objects(given.get("customFields"))},
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _tasks(line: int, card: Mapping[str, Any], board: Board) -> Iterator[Incoming]:
    item = _card(line, card, board)
    yield item
    for checklist in board.checklists.get(item.external_id, ()):
        for each in _objects(checklist.get("checkItems")):
            yield _check_item(line, each, str(checklist.get("name") or ""), item, board)


def _card(line: int, card: Mapping[str, Any], board: Board) -> Incoming:
    card_id, column = str(card["id"]), board.lists.get(str(card.get("idList")), {})
    name = str(column.get("name") or "")
    status = _status(card, status_called(name))
    people = [board.members.get(str(each), str(each)) for each in card.get("idMembers") or ()]
    labels, strange = labels_of(
        [
            *(str(each.get("name") or each.get("color") or "") for each in _objects(card.get("labels"))),
            *([] if status_called(name) is not None else [name]),
        ]
    )
    left: dict[str, Any] = {
        key: value for key, value in card.items() if value and key not in _TAKEN and key not in _OF_DISPLAY
    }
    left |= {"labels": strange} if strange else {}
    left |= {"members": people[1:]} if people[1:] else {}
    if "attachments" in left:
        left["attachments"] = [
            {key: each.get(key) for key in ("name", "url")} for each in _objects(left["attachments"])
        ]
    if "customFieldItems" in left:
        left["customFieldItems"] = {
            board.fields.get(str(each.get("idCustomField")), "?"): each.get("value")
            for each in _objects(left["customFieldItems"])
        }
    title, description = titled(str(card.get("name") or "").strip(), str(card.get("desc") or ""))
    created, changed = _created(card_id), _instant(card, "dateLastActivity")
    return Incoming(
        line=line,
        external_source=SOURCE,
        external_id=card_id,
        title=title,
        description=with_block(description, left, SOURCE),
        status=status,
        project=board.name,
        labels=labels,
        start_at=_instant(card, "start"),
        due_at=_instant(card, "due"),
        created_at=created,
        updated_at=changed or created,
        completed_at=(_instant(card, "dateCompleted") or changed or created) if status.finished else None,
        assignee=people[0] if people else None,
        notes=tuple(board.comments.get(card_id, ())),
    )


def _status(card: Mapping[str, Any], by_name: Status | None) -> Status:
    if card.get("dueComplete") or by_name is Status.DONE:
        return Status.DONE
    if card.get("closed"):
        return Status.CANCELLED
    return by_name or Status.OPEN


def _check_item(line: int, each: Mapping[str, Any], checklist: str, item: Incoming, board: Board) -> Incoming:
    done = each.get("state") == "complete"
    title, description = titled(str(each.get("name") or "").strip(), "")
    member = each.get("idMember")
    status = item.status if item.status is Status.CANCELLED else Status.OPEN
    return Incoming(
        line=line,
        external_source=SOURCE,
        external_id=str(each["id"]),
        title=title,
        description=with_block(description, {"checklist": checklist} if checklist else {}, SOURCE),
        status=Status.DONE if done else status,
        project=item.project,
        due_at=_instant(each, "due"),
        created_at=_created(str(each["id"])) or item.created_at,
        completed_at=item.updated_at if done or status.finished else None,
        assignee=board.members.get(str(member)) if member else None,
        parent=item.external_id,
    )


def _instant(thing: Mapping[str, Any], field: str) -> datetime | None:
    value = thing.get(field)
    try:
        return instant_of(str(value)) if value else None
    except ValueError:
        raise ValueError(f"{field}: must be a time, not {str(value)[:40]!r}") from None


def _created(object_id: str) -> datetime | None:
    """The instant that is in an id of MongoDB's."""
    try:
        return datetime.fromtimestamp(int(object_id[:8], 16), UTC) if len(object_id) == 24 else None
    except ValueError:
        return None
