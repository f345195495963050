"""What is written to people about their accounts, invitations and teams' webhooks."""

from __future__ import annotations

from taskcore.delivery.letters.sheet import Code, Paragraph, letter, one_line
from taskcore.delivery.model import Disabled, Webhook
from taskcore.delivery.ports import Message


def verification(to: str, token: str) -> Message:
    return letter(
        to,
        "Is this your address?",
        [
            Paragraph(
                "Somebody, we hope you, gave this address to an account here. This token shows that it is yours, "
                "within a day:"
            ),
            Code(token),
            Paragraph("If it was not you, do nothing."),
        ],
    )


def reset(to: str, token: str) -> Message:
    return letter(
        to,
        "A new password",
        [
            Paragraph(
                "Somebody asked for a new password for your account. This token sets one, once, within an hour:"
            ),
            Code(token),
            Paragraph("If it was not you, do nothing: your password stays as it is."),
        ],
    )


def known_already(to: str) -> Message:
    return letter(
        to,
        "You have an account already",
        [
            Paragraph(
                "Somebody, perhaps you, tried to sign up with this address. It has an account here already: sign in, "
                "or ask for a new password. If it was not you, do nothing."
            )
        ],
    )


def password_changed(to: str) -> Message:
    return letter(
        to,
        "Your password was changed",
        [
            Paragraph(
                "The password of your account was changed, and every session ended. If it was not you, ask for a new "
                "password at once, and tell whoever runs this instance."
            )
        ],
    )


def not_given_away(to: str) -> Message:
    return letter(
        to,
        "Your address stays yours",
        [
            Paragraph(
                "Somebody, perhaps you, wanted to give this address to another account. It has an account here "
                "already, which keeps it. If it was not you, do nothing."
            )
        ],
    )


def email_changed(to: str, new: str) -> Message:
    return letter(
        to,
        "Your account is given another address",
        [
            Paragraph(
                f"Your account is given the address {one_line(new)}. If it was not you, ask for a new password at "
                "once, and tell whoever runs this instance."
            )
        ],
    )


def invitation(to: str, team: str, inviter: str, token: str) -> Message:
    team, inviter = one_line(team), one_line(inviter)
    return letter(
        to,
        f"{inviter} invites you to {team}",
        [
            Paragraph(
                f"{inviter} asks you to join the team {team}. Sign up or sign in with this address, and accept "
                "within a week with this token:"
            ),
            Code(token),
        ],
    )


def webhook_disabled(to: str, team: str, webhook: Webhook) -> Message:
    why = {
        Disabled.GONE: "its receiver says that it is gone (410)",
        Disabled.FAILING: "its receiver took nothing for five days",
    }[webhook.disabled_reason or Disabled.FAILING]
    team = one_line(team)
    return letter(
        to,
        f"A webhook of {team} is switched off",
        [
            Paragraph(
                f"The webhook of the team {team} that posts to {webhook.host} is switched off: {why}. What happens "
                "from now on is not posted to it. Once its receiver works, switch it on again; it begins with what "
                "happens then."
            ),
            Paragraph(f"Its id is {webhook.id}."),
        ],
    )
