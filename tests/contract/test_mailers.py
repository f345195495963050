"""Every mailer we have keeps the contract."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from taskcore.connect import MAILERS, resolve
from taskcore.delivery.ports import Mailer
from taskcore.testing import MailerContract
from taskcore.testing.mailers import Arrived
from tests.servers.certificates import Certificate, certificate_for
from tests.servers.smtp import HOST, SmtpServer, smtp_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(HOST, tmp_path_factory.mktemp("certificate"))


class OfServer(MailerContract):
    """Through an SMTP server of our own."""

    blocking = False

    @pytest.fixture
    def server(self) -> Iterator[SmtpServer]:
        with smtp_server() as running:
            yield running

    @pytest.fixture
    async def mailer(self, server: SmtpServer) -> AsyncIterator[Mailer]:
        made: Mailer = resolve(MAILERS, server.url)(server.url, blocking=self.blocking)
        yield made
        await made.close()

    @pytest.fixture
    def arrived(self, server: SmtpServer) -> Arrived:
        return lambda: [each.as_bytes() for each in server.messages]


class TestSmtp(OfServer):
    pass


class TestSmtpWithoutAnEventLoop(OfServer):
    blocking = True


class TestSmtps(OfServer):
    @pytest.fixture
    def server(self, certificate: Certificate) -> Iterator[SmtpServer]:
        with smtp_server(
            encryption="from_start", certificate=certificate, users={"post": "s3cret"}
        ) as running:
            yield running


class TestStarttls(OfServer):
    @pytest.fixture
    def server(self, certificate: Certificate) -> Iterator[SmtpServer]:
        with smtp_server(encryption="starttls", certificate=certificate, users={"post": "s3cret"}) as running:
            yield running


class TestLog(MailerContract):
    @pytest.fixture
    def mailer(self, caplog: pytest.LogCaptureFixture) -> Mailer:
        caplog.set_level(logging.INFO, "taskcore.mail")
        made: Mailer = resolve(MAILERS, "log://")("log://", blocking=False)
        return made

    @pytest.fixture
    def arrived(self, caplog: pytest.LogCaptureFixture) -> Arrived:
        return lambda: [each.getMessage().encode() for each in caplog.records if each.name == "taskcore.mail"]
