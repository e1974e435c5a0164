"""The peers: the same page as a static Flask and Jinja page, and as one written by hand with Flask-WTF."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, render_template
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

WTF_PAGE = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Ihre Angaben</title></head><body><main>
{% macro control(field) %}<div class="kern-form-input">{{ field.label(class="kern-label") }}
{% if field.description %}<div class="kern-hint" id="{{ field.id }}-hint">{{ field.description }}</div>{% endif %}
{% for error in field.errors %}<p class="kern-error">{{ error }}</p>{% endfor %}
{{ field(class="kern-form-input__input", **{"aria-describedby": field.id ~ "-hint"}) }}</div>{% endmacro %}
<h1>Ihre Angaben</h1><form method="post" novalidate>{{ form.hidden_tag() }}
{% for field in form if field.name != "csrf_token" %}{{ control(field) }}{% endfor %}
<button>Weiter</button></form></main></body></html>"""


class HandWritten(FlaskForm):
    """Ten questions as a developer would write them."""

    class Meta:
        csrf = True

    given_name = StringField("Vorname", [InputRequired(), Length(max=100)], description="Wie im Ausweis")
    family_name = StringField("Nachname", [InputRequired(), Length(max=100)], description="Wie im Ausweis")
    birth_date = StringField("Geburtsdatum", [InputRequired()], description="Zum Beispiel 31 3 1980")
    street = StringField("Straße", [InputRequired()])
    house_number = StringField("Hausnummer", [InputRequired()])
    postcode = StringField("Postleitzahl", [InputRequired(), Length(5, 5)])
    town = StringField("Ort", [InputRequired()])
    phone = StringField("Telefon (freiwillig)")
    status = SelectField("Familienstand", choices=[("a", "ledig"), ("b", "verheiratet"), ("c", "geschieden")])
    consent = RadioField("Dürfen wir Sie anrufen?", choices=[("true", "Ja"), ("false", "Nein")])


ANSWERS = {
    "given_name": "Amira",
    "family_name": "Haddad",
    "birth_date": "31 3 1990",
    "street": "Beispielweg",
    "house_number": "1",
    "postcode": "36037",
    "town": "Musterstadt",
    "phone": "030 23125 000",
    "status": "a",
    "consent": "true",
}


def static_site() -> Flask:
    """A site whose one page is the file `PAGE`, rendered by Jinja on each request without any value in it."""
    app = Flask("static_site")
    html = Path(os.environ["PAGE"]).read_text(encoding="utf-8").replace("{% endraw %}", "")
    app.jinja_loader = DictLoader({"page.html": "{% raw %}" + html + "{% endraw %}"})
    app.add_url_rule("/", view_func=lambda: render_template("page.html"))
    return app


def hand_written_site() -> Flask:
    """A site whose one page is a Flask-WTF form with ten filled-in questions."""
    app = Flask("hand_written_site")
    app.secret_key = "only for this measurement"
    app.jinja_loader = DictLoader({"page.html": WTF_PAGE})
    app.add_url_rule("/", view_func=lambda: render_template("page.html", form=HandWritten(data=ANSWERS)))
    return app
