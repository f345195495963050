"""Addresses that are not public, ways to write them, and addresses that are public though they stand beside such."""

from __future__ import annotations

NOT_PUBLIC = (
    # IPv4: the special-purpose registry, the metadata services of clouds, multicast, reserved
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200"),  # noqa: S104  nothing is bound
    "100.127.255.254",
    *("127.0.0.1", "127.0.0.53", "127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2"),
    *("172.16.0.1", "172.17.0.1", "172.31.255.254", "192.0.0.1", "192.0.0.9", "192.0.0.192", "192.0.2.1"),
    *("192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.254", "192.175.48.1"),
    *("198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255", "168.63.129.16"),
    # IPv6: unspecified, loopback, and IPv4 inside
    *("::", "::1", "::2", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    *("::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::8.8.8.8"),
    *("64:ff9b:1::10.0.0.1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:808:808::1"),
    *("2001::1", "2001:0:808:808::80ff:fffe", "2a00:1450::5efe:7f00:1", "2a00:1450::200:5efe:a00:1"),
    # IPv6: the rest of its registry, and what nobody has been given
    *("100::1", "100:0:0:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1"),
    *(
        "2001:30::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2620:4f:8000::1",
        "3ffe::1",
        "3fff::1",
        "3fff:fff::1",
    ),
    *("1000::1", "4000::1", "5f00::1", "8000::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254"),
    *(
        "fe80::1",
        "fe80::1%1",
        "2606:4700:4700::1111%1",
        "febf::1",
        "fec0::1",
        "feff::1",
        "ff02::1",
        "ff0e::1",
    ),
)
PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *(
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.88.98.1",
    ),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.15"),
    *("2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700:4700::1111", "2620:4f:7fff::1"),
    *("2a00:1450:4001:81b::200e", "2c0f:ffff::1", "3ffd:ffff::1"),
)
NUMERIC = (
    # What resolvers of many systems take for 127.0.0.1.
    *("127.1", "127.0.1", "0x7f.1", "0x7f.0.0.1", "0x7f000001", "0X7F000001", "2130706433", "017700000001"),
    *("0177.0.0.1", "0177.0x0.0.1", "127.000.000.001", "0", "0x0", "00.0.0.0"),
)
TRICKS = (
    # {port} is where somebody listens on every address of this machine's
    *(f"https://{host}:{{port}}/hook" for host in NUMERIC),
    *("https://127.0.0.1:{port}/hook", "https://127.0.0.1.:{port}/hook", "https://0.0.0.0:{port}/"),
    *("https://localhost:{port}/", "https://LOCALHOST:{port}/", "https://localhost.:{port}/"),
    *("https://a.b.localhost:{port}/", "https://loc%61lhost:{port}/", "https://local\u00adhost:{port}/"),
    *("https://\uff4cocalhost:{port}/", "https://local\u200bhost:{port}/", "https://localhos\u1d57:{port}/"),
    *("https://\uff11\uff12\uff17.0.0.1:{port}/", "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:{port}/"),
    *("https://127\u30020\u30020\u30021:{port}/", "https://\u0661\u0662\u0667.0.0.1:{port}/"),
    *("https://[::1]:{port}/", "https://[::]:{port}/", "https://[0:0:0:0:0:0:0:1]:{port}/"),
    *(
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://[::ffff:7f00:1]:{port}/",
        "https://[::127.0.0.1]:{port}/",
    ),
    *("https://[0:0:0:0:0:ffff:7f00:0001]:{port}/", "https://[64:ff9b::7f00:1]:{port}/"),
    *("https://[2002:7f00:1::1]:{port}/", "https://[::1%25lo]:{port}/", "https://[::1%lo]:{port}/"),
    *("https://[fe80::1%25lo]:{port}/", "https://[127.0.0.1]:{port}/", "https://[localhost]:{port}/"),
    *("https://example.org@127.0.0.1:{port}/", "https://example.org:80@127.0.0.1:{port}/"),
    *("https://127.0.0.1:{port}@example.org/", "https://@127.0.0.1:{port}/", "https://a@b@127.0.0.1:{port}/"),
    *("https://example.org\\@127.0.0.1:{port}/", "https://127.0.0.1:{port}\\@example.org/"),
    *("https://example.org#@127.0.0.1:{port}/", "https://127.0.0.1:{port}#@example.org/"),
    *("https://127.0.0.1:{port}?@example.org/", "https:\\\\127.0.0.1:{port}/", "https:/127.0.0.1:{port}/"),
    *("https:///127.0.0.1:{port}/", "https:127.0.0.1:{port}", "//127.0.0.1:{port}/", "127.0.0.1:{port}"),
    *(
        "https://127.0.0.1:{port}:443/",
        "https://127.0.0.1%00.example.org:{port}/",
        "https://127.0.0.1\t:{port}/",
    ),
    *("https://127.0.0.1%2f.example.org:{port}/", "https://127.0.0.1%23.example.org:{port}/"),
    *(" https://127.0.0.1:{port}/", "https://127.0.0.1:{port}/ ", "https://127.0.0.1:{port}/\r\nHost: x"),
    *("https://127.0.0.1:{port}/\r\n\r\nDELETE / HTTP/1.1", "https://127.0.0.1:{port}/\0"),
    *("https://127.0.0.1\r\n:{port}/", "https://127.0.0.1 .example.org:{port}/", "https://-o:{port}/"),
    *(
        "http://127.0.0.1:{port}/",
        "HTTP://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
    ),
    *("ws://127.0.0.1:{port}/", "wss://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "file:///etc/passwd"),
    *(
        "gopher://127.0.0.1:{port}/_x",
        "unix:///tmp/socket",
        "http+unix://%2Ftmp%2Fsocket/",
        "jar:https://a/!b",
    ),
    *(
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:+{port}/",
        "https://:{port}/",
    ),
    *("https://127.0.0.1:\uff18\uff10/", "https://example.org:0x50/", "https://", "https://:@/", ""),
)
