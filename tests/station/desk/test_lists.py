"""A list: its count is the number of its rows, on the page, in the file, for every reach."""


def test_home_is_shown(signed_in):
    page = signed_in("duty_officer", "640104").get("/")
    assert page.status_code == 200
