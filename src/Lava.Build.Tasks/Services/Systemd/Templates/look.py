"""Looks once at an address. Arguments: http URL STATUS SECONDS, or socket PLACE SECONDS; ends with 0, or says why not."""
import http.client
import socket
import ssl
import sys
from urllib.parse import urlsplit


def look_at_url(url, status, seconds):
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https":
        # The service itself is asked; its certificate is for the name that users reach it by.
        connection = http.client.HTTPSConnection(place, timeout=seconds, context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection(place, timeout=seconds)
    try:
        connection.request("GET", (parts.path or "/") + ("?" + parts.query if parts.query else ""))
        found = connection.getresponse().status
    finally:
        connection.close()
    return None if found == status else f"{url} answers with {found} instead of {status}"


def look_at_socket(place, seconds):
    host, _, port = place.rpartition(":")
    if "/" not in place:
        # What listens everywhere is asked here.
        host = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))
        socket.create_connection((host, int(port)), timeout=seconds).close()
        return
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(seconds)
        client.connect(place)


def main(way, *arguments):
    try:
        if way == "http":
            url, status, seconds = arguments
            return look_at_url(url, int(status), float(seconds))
        place, seconds = arguments
        return look_at_socket(place, float(seconds))
    except (OSError, http.client.HTTPException) as failure:
        return f"{arguments[0]}: {failure or type(failure).__name__}"


sys.exit(main(*sys.argv[1:]))
