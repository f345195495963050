"""What is written to people about their accounts and invitations."""

from __future__ import annotations

from taskcore.delivery.ports import Message


def verification(to: str, token: str) -> Message:
    return Message(
        to,
        "Is this your address?",
        "Somebody, we hope you, gave this address to an account here. This token shows that it is yours, "
        f"within a day:\n\n    {token}\n\nIf it was not you, do nothing.\n",
    )


def reset(to: str, token: str) -> Message:
    return Message(
        to,
        "A new password",
        "Somebody asked for a new password for your account. This token sets one, once, within an hour:\n\n"
        f"    {token}\n\nIf it was not you, do nothing: your password stays as it is.\n",
    )


def known_already(to: str) -> Message:
    return Message(
        to,
        "You have an account already",
        "Somebody, perhaps you, tried to sign up with this address. It has an account here already: sign in, "
        "or ask for a new password. If it was not you, do nothing.\n",
    )


def password_changed(to: str) -> Message:
    return Message(
        to,
        "Your password was changed",
        "The password of your account was changed, and every session ended. If it was not you, ask for a new "
        "password at once, and tell whoever runs this instance.\n",
    )


def not_given_away(to: str) -> Message:
    return Message(
        to,
        "Your address stays yours",
        "Somebody, perhaps you, wanted to give this address to another account. It has an account here "
        "already, which keeps it. If it was not you, do nothing.\n",
    )


def email_changed(to: str, new: str) -> Message:
    return Message(
        to,
        "Your account is given another address",
        f"Your account is given the address {new}. If it was not you, ask for a new password at once, and "
        "tell whoever runs this instance.\n",
    )


def invitation(to: str, team: str, inviter: str, token: str) -> Message:
    team, inviter = _on_one_line(team), _on_one_line(inviter)
    return Message(
        to,
        f"{inviter} invites you to {team}",
        f"{inviter} asks you to join the team {team}. Sign up or sign in with this address, and accept "
        f"within a week with this token:\n\n    {token}\n",
    )


def _on_one_line(text: str) -> str:
    """A name from before names were held to one line."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
