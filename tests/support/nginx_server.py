"""An nginx of our own: real HTTP/1.1 and HTTP/2, plain and over TLS, from a folder that is thrown away."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from urllib.parse import quote

import pytest

CONFIG = """
daemon off;
master_process off;
pid "{folder}/pid";
error_log "{folder}/errors";
events {{ worker_connections 256; }}
http {{
    access_log "{folder}/access";
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    default_type application/octet-stream;
    types {{ text/html html; text/plain txt; application/json json; }}
    server {{
        listen 127.0.0.1:{ports[http]};
        listen 127.0.0.1:{ports[other]};
        listen "unix:{folder}/nginx.sock";
        listen 127.0.0.1:{ports[h2c]} http2;
        listen "unix:{folder}/nginx2.sock" http2;
        listen 127.0.0.1:{ports[https]} ssl;
        listen 127.0.0.1:{ports[h2]} ssl http2;
        ssl_certificate "{folder}/server.pem";
        ssl_certificate_key "{folder}/server.key";
        root "{folder}/files";
        keepalive_requests 5;
        client_max_body_size 100k;
        large_client_header_buffers 4 4k;
        gzip on;
        gzip_min_length 1;
        gzip_types text/plain application/json;
        location /plain/ {{ gzip off; alias "{folder}/files/"; }}
        location /listed/ {{ autoindex on; alias "{folder}/files/"; }}
        location = /seen {{
            default_type text/plain;
            return 200 "$request_method $request_uri $server_protocol
Host: $http_host
Cookie: $http_cookie
Authorization: $http_authorization
Type: $content_type
Length: $content_length
TE: $http_transfer_encoding
Accept-Encoding: $http_accept_encoding
";
        }}
        location /cookies {{
            add_header Set-Cookie "session=abc; Path=/; HttpOnly" always;
            add_header Set-Cookie "seen=1; Path=/seen; Max-Age=60" always;
            add_header Set-Cookie "old=1; Path=/; Max-Age=0" always;
            add_header Set-Cookie "other=1; Domain=example.com" always;
            return 204;
        }}
        location = /echo {{ proxy_pass http://127.0.0.1:{ports[http]}/sink; }}
        location = /sink {{ return 200 "sunk"; }}
        location ~ ^/status/(?<code>\\d+)$ {{
            add_header X-Code $code always;
            if ($code = 200) {{ return 200 "fine"; }}
            if ($code = 201) {{ return 201 "made"; }}
            if ($code = 204) {{ return 204; }}
            if ($code = 304) {{ return 304; }}
            if ($code = 400) {{ return 400; }}
            if ($code = 401) {{ return 401; }}
            if ($code = 403) {{ return 403; }}
            if ($code = 405) {{ return 405; }}
            if ($code = 409) {{ return 409 "conflict"; }}
            if ($code = 416) {{ return 416; }}
            if ($code = 429) {{ return 429 "later"; }}
            if ($code = 444) {{ return 444; }}
            if ($code = 500) {{ return 500; }}
            if ($code = 503) {{ return 503 "down"; }}
            return 404;
        }}
        location ~ ^/go/(?<code>30\\d)/(?<rest>.*)$ {{
            absolute_redirect off;
            if ($code = 301) {{ return 301 /$rest; }}
            if ($code = 302) {{ return 302 /$rest; }}
            if ($code = 303) {{ return 303 /$rest; }}
            if ($code = 307) {{ return 307 /$rest; }}
            return 308 /$rest;
        }}
        location = /away {{ return 302 http://127.0.0.1:{ports[other]}/seen; }}
        location = /elsewhere {{ return 302 http://localhost:{ports[http]}/seen; }}
        location = /secure {{ return 302 https://127.0.0.1:{ports[https]}/seen; }}
    }}
}}
"""


def free_ports(*names):
    with_sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    try:
        return {name: server.getsockname()[1] for name, server in with_sockets.items()}
    finally:
        for server in with_sockets.values():
            server.close()


class Nginx:
    """A running nginx. urls: of its listeners http, other, https (HTTP/1.1), h2c and h2 (HTTP/2), unix and unix2."""

    def __init__(self, folder, certificate):
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if program is None:
            pytest.skip("nginx is not installed")
        self.folder = folder
        certificate.private_key_pem.write_to_path(folder / "server.key")
        (folder / "server.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
        write_files(folder / "files")
        for _ in range(5):
            ports = free_ports("http", "other", "https", "h2c", "h2")
            (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, ports=ports))
            command = [program, "-e", str(folder / "errors"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if self._is_up():
                break
            said = self._process.communicate()[1].decode()
            assert "Address already in use" in said, said  # somebody else was given a port meanwhile
            for left in folder.glob("*.sock"):
                left.unlink()
        self.urls = {name: f"http{'s' if name in ('https', 'h2') else ''}://127.0.0.1:{ports[name]}" for name in ports}
        for name, file in (("unix", "nginx.sock"), ("unix2", "nginx2.sock")):
            self.urls[name] = f"http+unix://{quote(str(folder / file), safe='')}"

    def _is_up(self):
        """Whether it runs: it writes its number once it has all of its ports."""
        deadline = time.monotonic() + 60
        while self._process.poll() is None:
            assert time.monotonic() < deadline, "nginx does not come up"
            with suppress(OSError):
                if (self.folder / "pid").read_text().strip() == str(self._process.pid):
                    return True
            time.sleep(0.02)
        return False

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        self._process.stderr.close()


def write_files(folder):
    (folder / "deep").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Pets</h1>")
    (folder / "deep" / "index.html").write_text("<h1>Deep</h1>")
    (folder / "empty.txt").write_text("")
    (folder / "pets.json").write_text('[{"id": 1, "name": "dög"}]', encoding="utf-8")
    (folder / "long.txt").write_text("".join(f"line {number}\n" for number in range(5_000)))
    (folder / "with space.txt").write_text("spaced")
    (folder / "large").write_bytes(bytes(6 * 2**20))
    (folder / "picture").write_bytes(bytes(range(256)) * 100)
    for file in folder.rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
