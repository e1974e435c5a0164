from pathlib import Path

import pytest

from formengine import bootstrap, config
from formengine.errors import ConfigError


def test_without_anything_set_there_is_one_fictional_tenant_on_sqlite(tmp_path):
    settings = config.load({"FORMENGINE_DATA": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/formengine.db"
    assert settings.origin == "http://127.0.0.1:8000"
    assert [tenant.id for tenant in settings.tenants] == ["musterstadt"]
    assert not settings.development_sign_in
    assert settings.scans


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("FORMENGINE_PORT", "eighty", "whole number"),
        ("FORMENGINE_PORT", "70000", "1 to 65535"),
        ("FORMENGINE_PROT", "80", "no setting FORMENGINE_PROT"),
        ("FORMENGINE_DEVELOPMENT_SIGN_IN", "maybe", "on or off"),
        ("FORMENGINE_ORIGIN", "http://antrag.example", "https for antrag.example"),
        ("FORMENGINE_ORIGIN", "antrag.example", "is an origin such as"),
        ("FORMENGINE_AUDIENCE", "all", "applicants or staff"),
        ("FORMENGINE_SCANNER", "none", "clamd://HOST:PORT"),
        ("FORMENGINE_CONFIG", "/no/such/file.toml", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_remedy(name, text, told):
    with pytest.raises(ConfigError, match=told.replace("/", "/")):
        config.load({name: text})


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("x = 1", "no such table"),
        ("", r"names no \[\[tenant\]\]"),
        ("[[tenant]]\nid = 'a'\ncolour = 'red'", "has no 'colour'"),
        ("[[tenant]]\norigin = 'https://a.example'", "needs an id"),
        ("[[tenant]]\nid='a'\n[[tenant]]\nid='a'", "same id"),
        ("[[tenant]]\nid='a'\n[tenant.authority]\nfax='1'", "has no 'fax'"),
        ("= 3", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_operators_file_is_named(tmp_path, toml, told):
    path = tmp_path / "operator.toml"
    path.write_text(toml)
    with pytest.raises(ConfigError, match=told):
        config.load({"FORMENGINE_CONFIG": str(path)})


def test_plain_http_is_taken_on_this_machine_alone():
    """SES-01"""
    assert config.load({"FORMENGINE_ORIGIN": "http://localhost:9000"}).origin == "http://localhost:9000"
    assert config.is_loopback("::1")
    assert not config.is_loopback("192.0.2.1")


def test_two_tenants_configure_the_same_channel_differently(tmp_path):
    path = tmp_path / "operator.toml"
    path.write_text(
        """
[[tenant]]
id = "a"
[tenant.channels]
"*" = ["folder", "archive"]
[tenant.channel.folder]
root = "first"
[tenant.channel.archive]
kind = "folder"
root = "/srv/archive"

[[tenant]]
id = "b"
[tenant.channels]
"*" = ["folder"]
[tenant.channel.folder]
root = "second"
"""
    )
    settings = config.load({"FORMENGINE_CONFIG": str(path), "FORMENGINE_DATA": str(tmp_path)})
    a, b = (bootstrap.make_channels(settings, tenant) for tenant in settings.tenants)
    assert a["folder"].settings.root == tmp_path / "first"
    assert a["archive"].settings.root == Path("/srv/archive")
    assert b["folder"].settings.root == tmp_path / "second"


def test_the_folder_lies_in_the_data_folder_unless_it_is_said_otherwise(tmp_path):
    settings = config.load({"FORMENGINE_DATA": str(tmp_path)})
    made = bootstrap.make_channels(settings, settings.tenants[0])
    assert made["folder"].settings.root == tmp_path / "delivered"


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("folder = 3", "stand in a table"),
        ("folder = {colour = 'red'}", "tenant a, channel folder: there is no option 'colour'; there is: root"),
        ("folder = {root = 3}", "'root' cannot be int"),
        ("archive = {kind = 'folder'}", "channel archive: the option 'root' is missing"),
        ("pigeon = {}", "there is no 'pigeon'"),
    ],
)
def test_a_mistake_in_the_options_of_a_channel_is_named_at_start(tmp_path, toml, told):
    path = tmp_path / "operator.toml"
    path.write_text(f"[[tenant]]\nid='a'\n[tenant.channel]\n{toml}\n")

    def start():
        settings = config.load({"FORMENGINE_CONFIG": str(path), "FORMENGINE_DATA": str(tmp_path)})
        bootstrap.make_channels(settings, settings.tenants[0])

    with pytest.raises(ConfigError, match=told):
        start()


@pytest.mark.parametrize("toml", ["channels = 3", "channels = {'*' = 'inbox'}", "channels = {'*' = []}"])
def test_the_ways_of_a_form_are_lists_of_names(tmp_path, toml):
    path = tmp_path / "operator.toml"
    path.write_text(f"[[tenant]]\nid='a'\n{toml}\n")
    with pytest.raises(ConfigError, match="channels"):
        config.load({"FORMENGINE_CONFIG": str(path)})


def test_options_of_every_shape_reach_their_channel(tmp_path):
    """Paths from the folder of the operator's file, lists, tables, numbers and switches."""
    path = tmp_path / "operator.toml"
    (tmp_path / "secret").write_text("not a real secret")
    path.write_text(
        """
[[tenant]]
id = "a"
[tenant.channels]
"*" = ["fit_connect", "email"]
[tenant.channel.email]
host = "mail.example"
port = 465
security = "tls"
sender = "a@amt.example"
to = ["b@amt.example", "c@amt.example"]
[tenant.channel.fit_connect]
api_url = "https://submission.example"
token_url = "https://auth.example/token"
destination = "d"
client_id = "c"
client_secret_file = "secret"
test = true
[tenant.channel.fit_connect.services]
"*" = "urn:de:fim:leika:leistung:99999999999999"
[tenant.channel.fit_connect.schemas]
lunch = "https://schema.example/lunch"
"""
    )
    settings = config.load({"FORMENGINE_CONFIG": str(path), "FORMENGINE_DATA": str(tmp_path)})
    made = bootstrap.make_channels(settings, settings.tenants[0])
    assert made["email"].settings.to == ("b@amt.example", "c@amt.example")
    assert made["email"].settings.port == 465
    fit = made["fit_connect"].settings
    assert (fit.client_secret_file, fit.test) == (tmp_path / "secret", True)
    assert fit.schemas == {"lunch": "https://schema.example/lunch"}


@pytest.mark.parametrize(
    ("option", "told"),
    [("port = '465'", "'port' cannot be str"), ("port = true", "'port' cannot be bool"), ("to = 'b@a.example'", "'to' cannot be str"),
     ("to = [1]", "'to' cannot be list"), ("password_file = 'none'", "there is no file"), ("security = 'ssl'", "security is one of")],
)  # fmt: skip
def test_an_option_of_another_shape_is_named_with_its_channel(tmp_path, option, told):
    path = tmp_path / "operator.toml"
    options = {"host": "'h'", "sender": "'a@a.example'", "to": "['b@a.example']"}
    name, _, value = option.partition(" = ")
    options[name] = value
    table = "\n".join(f"{key} = {text}" for key, text in options.items())
    path.write_text(f"[[tenant]]\nid='a'\n[tenant.channel.email]\n{table}\n")
    settings = config.load({"FORMENGINE_CONFIG": str(path), "FORMENGINE_DATA": str(tmp_path)})
    with pytest.raises(ConfigError, match=f"channel email: .*{told}"):
        bootstrap.make_channels(settings, settings.tenants[0])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("unstamped_after_min = -1", "number of minutes"),
        ("unstamped_after_min = true", "number of minutes"),
        ("stamp_to = 'folder'", "list of names"),
    ],
)
def test_when_an_application_goes_out_without_a_time_stamp_is_checked(tmp_path, line, told):
    path = tmp_path / "operator.toml"
    path.write_text(f"[[tenant]]\nid = 'a'\n{line}\n")
    with pytest.raises(ConfigError, match=told):
        config.load({"FORMENGINE_CONFIG": str(path)})


@pytest.mark.parametrize(("name", "fits"), [("folder", True), ("inbox", False), ("nowhere", False)])
def test_a_late_time_stamp_goes_to_channels_alone_that_know_a_supplement_from_an_application(tmp_path, name, fits):
    """PDF-07."""
    path = tmp_path / "operator.toml"
    path.write_text(f"[[tenant]]\nid = 'a'\nstamp_to = ['{name}']\n")
    settings = config.load({"FORMENGINE_CONFIG": str(path), "FORMENGINE_DATA": str(tmp_path)})
    if fits:
        assert name in bootstrap.make_channels(settings, settings.tenants[0])
    else:
        with pytest.raises(ConfigError, match="takes nothing later"):
            bootstrap.make_channels(settings, settings.tenants[0])


@pytest.mark.parametrize("days", ["-1", "true", '"14"', "99999"])
def test_how_long_what_was_delivered_is_kept_is_a_number_of_days(tmp_path, days):
    path = tmp_path / "operator.toml"
    path.write_text(f"[[tenant]]\nid = 'a'\nkept_days = {days}\n")
    with pytest.raises(ConfigError, match="kept_days is a number of days"):
        config.load({"FORMENGINE_CONFIG": str(path)})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('origin = "antrag.example"', "origin such as https"),
        ('origin = "http://antrag.example"', "plain http"),
        ("authority = {phone = 123}", "texts in quotation marks"),
        ('notices = {privcy = "text"}', "no notice 'privcy'"),
        ("terms = {benefit = 3}", "texts in quotation marks"),
    ],
)
def test_what_is_wrong_with_a_tenant_is_said_at_start(line: str, said: str, tmp_path: Path) -> None:
    operator = tmp_path / "operator.toml"
    operator.write_text(f'[[tenant]]\nid = "a"\n{line}\n')
    with pytest.raises(ConfigError, match=said):
        config.load({"FORMENGINE_CONFIG": str(operator)})


@pytest.mark.parametrize(("name", "text"), [("DATABASE_URL", "mysql://x"), ("FILES_URL", "s4://x")])
def test_an_address_that_cannot_be_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"FORMENGINE_{name}"):
        config.load({f"FORMENGINE_{name}": text})
