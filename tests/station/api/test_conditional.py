"""Changes are made on the version that was read."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tongchou.station.api.conditional import NotModified, etag, require_match, tag
from tongchou.station.api.errors import Problem


def request(method="get", **headers):
    return getattr(RequestFactory(headers=headers), method)("/api/x")


def test_a_version_has_one_tag():
    assert etag(1, "a") == etag(1, "a") != etag(1, "b")


@pytest.mark.parametrize("held", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_the_reader_who_has_it_is_not_sent_it_again(held):
    with pytest.raises(NotModified):
        tag(request(**{"if-none-match": held.format(tag=etag(7, 1))}), HttpResponse(), 7, 1)


def test_the_reader_who_has_another_version_is():
    response = HttpResponse()
    tag(request(**{"if-none-match": etag(7, 1)}), response, 7, 2)
    assert response["ETag"] == etag(7, 2)


@pytest.mark.parametrize(
    ("held", "status"),
    [(None, 428), (etag(7, 1), 412), ('"x"', 412), ("x", 412), ("W/" + etag(7, 2), 412)],
)
def test_a_change_of_another_version_is_refused(held, status):
    with pytest.raises(Problem) as found:
        require_match(request("patch", **({"if-match": held} if held else {})), 7, 2)
    assert found.value.status == status


@pytest.mark.parametrize("held", [etag(7, 2), "*"])
def test_a_change_of_this_version_passes(held):
    require_match(request("patch", **{"if-match": held}), 7, 2)
