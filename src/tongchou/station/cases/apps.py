"""The app `cases`."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Configuration of the app."""

    name = "tongchou.station.cases"
    label = "cases"

    def ready(self) -> None:
        """Bring lists, inbox entries, tables and routes to the rooms below."""
        from tongchou.station.api.registry import add_router
        from tongchou.station.cases import (
            case_desk,
            case_lists,
            contact_desk,
            contract,
            contract_contacts,
            curve_panel,
            fhir,
            importing,
        )
        from tongchou.station.exchange.registry import ContractTable, register_table

        case_lists.register()
        case_desk.register()
        curve_panel.register()
        fhir.bind()
        contact_desk.register_contacts()
        add_router("/cases", "tongchou.station.cases.api.router")
        add_router("/samples", "tongchou.station.cases.api.samples_router")
        add_router("/contacts", "tongchou.station.cases.api_contacts.router")
        register_table(
            ContractTable(
                name="contacts",
                export=contract_contacts.export_contacts,
                load=contract_contacts.load_contacts,
            )
        )
        importing.register()
        register_table(
            ContractTable(name="cases", export=contract.export_cases, load=contract.load_cases)
        )
        register_table(
            ContractTable(
                name="samples", export=contract.export_samples, load=contract.load_samples
            )
        )
