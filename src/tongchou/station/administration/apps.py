"""The app `administration`."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.administration"
    label = "administration"

    def ready(self) -> None:
        """Make lists and navigation known to the desk."""
        from tongchou.station.administration import lists
        from tongchou.station.desk.registry import NavItem, register_nav
        from tongchou.vocabulary.text import Text

        lists.register()
        group = Text(zh="管理", en="Administration")
        register_nav(
            NavItem(
                label=Text(zh="用户与岗位", en="Users and posts"),
                url_name="administration:posts",
                action="accounts.manage",
                group=group,
                order=600,
            )
        )
        register_nav(
            NavItem(
                label=Text(zh="审计记录", en="Audit trail"),
                url_name="administration:audit",
                action="audit.view",
                group=group,
                order=610,
            )
        )
