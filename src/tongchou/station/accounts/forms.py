"""Forms of one's own account, where the packaged ones offer what is not here: a reset by mail."""

from typing import Any

from allauth.account import forms


class ChangePasswordForm(forms.ChangePasswordForm):
    """The form of a new password; whoever has forgotten the old one asks an administrator."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["oldpassword"].help_text = ""


class ReauthenticateForm(forms.ReauthenticateForm):
    """The form that asks for the password once more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].help_text = ""
