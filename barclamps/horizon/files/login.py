"""Logs in to Horizon as a browser does and looks at the page behind it. From the environment: BASE, CLOUD_USER, CLOUD_PASSWORD, CLOUD_DOMAIN."""

import http.cookiejar
import os
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

base = os.environ["BASE"]
# The node's own certificate is asked for at its address: whether names fit is for browsers to say.
tls = ssl.create_default_context()
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
jar = http.cookiejar.CookieJar()
browser = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls), urllib.request.HTTPCookieProcessor(jar)
)


def page(path, form=None):
    """Address and text of a page, after all redirections."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(urllib.parse.urljoin(base, path), data=data, headers={"Referer": base})
    try:
        with browser.open(request, timeout=90) as answer:
            return answer.geturl(), answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        # Without a compute service Horizon forbids its first page to who is logged in.
        if error.code == 403:
            return error.geturl(), error.read().decode("utf-8", "replace")
        sys.exit(f"{error.geturl()} answered {error.code}")
    except (urllib.error.URLError, OSError) as error:
        sys.exit(f"{base} does not answer: {getattr(error, 'reason', error)}")


_, login = page("auth/login/")
token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', login)
region = re.search(r'name="region"[^>]*?value="([^"]+)"', login) or re.search(r'<option value="([^"]+)"', login)
if token is None:
    sys.exit(f"{base}auth/login/ is not the page of a login")
where, text = page(
    "auth/login/",
    {
        "csrfmiddlewaretoken": token[1],
        "username": os.environ["CLOUD_USER"],
        "password": os.environ["CLOUD_PASSWORD"],
        "domain": os.environ["CLOUD_DOMAIN"],
        "region": region[1] if region else "default",
    },
)
if "auth/logout" not in text or "/auth/login" in where:
    # The first of these is for browsers without JavaScript.
    told = re.findall(r'class="[^"]*alert-danger[^"]*">(.*?)</div>', text, re.DOTALL)[1:]
    said = " ".join(re.sub(r"<[^>]+>", " ", " ".join(told)).split()) or f"the login leads to {where}"
    sys.exit(f"nobody is logged in: {said[:300]}")
where, text = page("identity/")
if "auth/logout" not in text or "/auth/login" in where:
    sys.exit("the next page forgot who is logged in: the session does not hold")
