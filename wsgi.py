"""The site for gunicorn and other WSGI servers: `gunicorn -c python:formengine.web.gunicorn wsgi:app`."""

from formengine.web.app import from_environment

app = from_environment()
