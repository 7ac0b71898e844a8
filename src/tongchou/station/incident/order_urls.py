"""Addresses of the order of the day, below ``/incident/orders/``."""

from django.urls import path

from tongchou.station.desk.views import list_page
from tongchou.station.incident.views import orders

urlpatterns = [
    path("", list_page("orders"), name="orders"),
    path("new/", orders.ask, name="order_ask"),
    path("<int:number>/", orders.order, name="order"),
    path("<int:number>/again/", orders.again, name="order_again"),
    path("<int:number>/steps/", orders.steps, name="order_steps"),
    path("<int:number>/lines/<int:line>/", orders.answer, name="order_answer"),
    path("<int:number>/sign/", orders.sign, name="order_sign"),
    path("<int:number>/publish/", orders.publish, name="order_publish"),
    path("<int:number>/page/<slug:name>/", orders.page, name="order_page"),
    path("<int:number>/files/<int:document>/", orders.file, name="order_file"),
]
