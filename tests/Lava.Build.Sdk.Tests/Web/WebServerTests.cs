using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace Lava.Build.Sdk.Tests;

/// <summary>The host's nginx and Apache with an instance's configuration: what they serve themselves, and what they pass on.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class WebServerTests
{
    private const string Host = "lava.example.org";

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("apache2")]
    public async Task Static_files_come_from_the_active_release_and_nothing_else_does(string server)
    {
        int port = WebServer.FreePorts(1)[0];
        using TestProject project = await WebProject.BuiltAsync(
            WebProject.Properties(("LavaHostName", Host), ("LavaWebPort", port), ("LavaPort", 1), ("LavaPublisherPort", 1)));
        File.WriteAllText(Path.Combine(project.Instance, "var", "dispatcher", "tmp", "image"), "for a device");
        await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, project.Instance), port);
        using WebClient client = new();
        string at = $"http://{Host}:{port}";

        WebAnswer style = (await client.GetAsync($"{at}/static/css/site.css")).Is(200)
            .Has("Content-Type", "text/css").Has("X-Content-Type-Options", "nosniff").Has("Cache-Control", "no-cache").Has("Strict-Transport-Security", "");
        Assert.AreEqual("body { color: red }", style.Text);
        (await client.GetAsync($"{at}/static/css/site.css", ("If-None-Match", style["ETag"]))).Is(304);
        StringAssert.Contains((await client.GetAsync($"{at}/static/css/site.0123456789ab.css")).Is(200)["Cache-Control"], "max-age=31536000", StringComparison.Ordinal);
        Assert.AreEqual("<p>docs", (await client.GetAsync($"{at}/static/docs/v2/")).Is(200).Text);

        WebAnswer packed = (await client.GetAsync($"{at}/static/large.txt", ("Accept-Encoding", "gzip"))).Is(200).Has("Content-Encoding", "gzip").Has("Vary", "Accept-Encoding");
        Assert.IsLessThan(60_000, packed.Body.Length);
        (await client.GetAsync($"{at}/static/large.txt", ("Accept-Encoding", "gzip"), ("If-None-Match", packed["ETag"]))).Is(304);
        Assert.HasCount(10, (await client.GetAsync($"{at}/static/large.txt", ("Range", "bytes=0-9"))).Is(206).Body);

        (await client.GetAsync($"{at}/static/none")).Is(404);
        (await client.GetAsync($"{at}/static/css/.hidden")).Is(404);
        foreach (string directory in (string[])["/static/", "/static/css/", "/tmp/"])
        {
            WebAnswer answer = await client.GetAsync(at + directory);
            Assert.IsTrue(answer.Status is 403 or 404, answer.ToString());
            Assert.IsFalse(answer.Text.Contains("site.css", StringComparison.Ordinal), answer.ToString());
        }

        string[] escapes = ["/static/../../../../release.json", "/static/%2e%2e/settings.d/web.yaml", "/static/..%2fsettings.d/web.yaml", "/static../settings.d/web.yaml", "/static/css/..%5c..%5c", "/tmp/../../../etc/nginx/lava.conf"];
        foreach (string path in escapes)
        {
            string answer = await WebClient.SendRawAsync(port, $"GET {path} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
            Assert.MatchesRegex(@"\AHTTP/1\.1 (400|403|404|502|503) ", answer, path);
            Assert.IsFalse(answer.Contains("ALLOWED_HOSTS", StringComparison.Ordinal) || answer.Contains("\"digest\"", StringComparison.Ordinal), answer);
        }

        Assert.AreEqual("for a device", (await client.GetAsync($"http://127.0.0.1:{port}/tmp/image")).Is(200).Text);

        // What a new release has under an old name is never taken for the old: not even with the same size. HTTP's times, and nginx's ETags, are
        // whole seconds, and a release can be built within the one of its predecessor.
        DateTime second = DateTime.Parse(style["Last-Modified"], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        for (TimeSpan rest; (rest = second.AddSeconds(1) - DateTime.UtcNow) > TimeSpan.Zero;)
        {
            await Task.Delay(rest);
        }

        project.Describe(WebProject.Body(WebProject.Properties(("LavaHostName", Host), ("LavaWebPort", port), ("LavaPort", 1), ("LavaPublisherPort", 1)), "tan"));
        string first = project.CurrentRelease;
        (await project.BuildAsync()).Succeeds();
        Assert.AreNotEqual(first, project.CurrentRelease);
        WebAnswer after = (await client.GetAsync($"{at}/static/css/site.css", ("If-None-Match", style["ETag"]), ("If-Modified-Since", style["Last-Modified"]))).Is(200);
        Assert.AreEqual("body { color: tan }", after.Text);
    }

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("apache2")]
    public async Task Requests_are_passed_on_as_they_are_without_what_a_client_claims_of_itself(string server)
    {
        int port = WebServer.FreePorts(1)[0];
        using LoopbackBackend backend = new();
        using TestProject project = await WebProject.BuiltAsync(
            WebProject.Properties(("LavaHostName", Host), ("LavaWebPort", port), ("LavaPort", backend.Port), ("LavaPublisherPort", 1)));
        await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, project.Instance), port);
        using WebClient client = new();

        string[] claims =
        [
            "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Forwarded-Protocol",
            "X-Real-IP", "Forwarded", "Proxy", "SCRIPT_NAME",
        ];
        (string, string)[] headers = [.. claims.Select(claim => (claim, "spoofed")), ("Authorization", "Token 1"), ("Cookie", "a=b")];
        string seen = (await client.GetAsync($"http://{Host}:{port}/api/v0.2/a%20b%2fc/?q=%2F+1&r=%C3%BC", headers)).Is(200).Text;
        StringAssert.StartsWith(seen, "GET /api/v0.2/a%20b%2fc/?q=%2F+1&r=%C3%BC HTTP/1.1\r\n", StringComparison.OrdinalIgnoreCase);
        StringAssert.Contains(seen, $"Host: {Host}:{port}\r\n", StringComparison.Ordinal);
        StringAssert.Contains(seen, "X-Forwarded-For: 127.0.0.1\r\n", StringComparison.Ordinal);
        StringAssert.Contains(seen, "X-Forwarded-Proto: http\r\n", StringComparison.Ordinal);
        StringAssert.Contains(seen, $"X-Forwarded-Host: {Host}:{port}\r\n", StringComparison.Ordinal);
        StringAssert.Contains(seen, "Authorization: Token 1\r\n", StringComparison.Ordinal);
        StringAssert.Contains(seen, "Cookie: a=b\r\n", StringComparison.Ordinal);
        Assert.IsFalse(seen.Contains("spoofed", StringComparison.OrdinalIgnoreCase), seen);

        // One connection for many requests, the second and third without waiting.
        string again = await WebClient.SendRawAsync(
            port,
            $"GET /one HTTP/1.1\r\nHost: {Host}\r\n\r\nGET /static/css/site.css HTTP/1.1\r\nHost: {Host}\r\n\r\nGET /three HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        Assert.HasCount(4, again.Split("HTTP/1.1 200 OK\r\n"), again);
        StringAssert.Contains(again, "GET /three HTTP/1.1", StringComparison.Ordinal);

        foreach ((string, string)[] asking in ((string, string)[][])[[], [("Expect", "100-continue")]])
        {
            using ByteArrayContent upload = new(new byte[20_000_000]);
            WebAnswer taken = (await client.SendAsync(HttpMethod.Post, $"http://{Host}:{port}/api/v0.2/jobs/", upload, asking)).Is(200);
            StringAssert.EndsWith(taken.Text, "body 20000000\n", StringComparison.Ordinal);
        }

        StringAssert.StartsWith(
            await WebClient.SendRawAsync(port, $"POST /results HTTP/1.1\r\nHost: {Host}\r\nContent-Length: 70000000\r\nConnection: close\r\n\r\n"), "HTTP/1.1 413 ", StringComparison.Ordinal);

        using WebClient second = new(address: IPAddress.IPv6Loopback);
        StringAssert.Contains((await second.GetAsync($"http://{Host}:{port}/six")).Is(200).Text, "X-Forwarded-For: ::1\r\n", StringComparison.Ordinal);
        // Nobody publishes.
        (await client.GetAsync($"http://{Host}:{port}/ws/")).Is(404);
    }

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("apache2")]
    public async Task A_server_that_was_down_is_there_again_at_once(string server)
    {
        int[] ports = WebServer.FreePorts(2);
        using TestProject project = await WebProject.BuiltAsync(
            WebProject.Properties(("LavaHostName", Host), ("LavaWebPort", ports[0]), ("LavaPort", ports[1]), ("LavaPublisherPort", 1)));
        await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, project.Instance), ports[0]);
        using WebClient client = new();
        string at = $"http://{Host}:{ports[0]}/";
        for (int round = 0; round < 2; round++)
        {
            WebAnswer down = await client.GetAsync(at);
            Assert.IsTrue(down.Status is 502 or 503, down.ToString());
            using LoopbackBackend backend = new(ports[1]);
            (await client.GetAsync(at)).Is(200);
        }

        (await client.GetAsync($"{at}static/css/site.css")).Is(200);
    }

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("apache2")]
    public async Task A_web_socket_reaches_the_publisher(string server)
    {
        int port = WebServer.FreePorts(1)[0];
        using LoopbackBackend publisher = new();
        using TestProject project = await WebProject.BuiltAsync(
            WebProject.Properties(WebProject.Publisher, ("LavaWebPort", port), ("LavaPort", 1), ("LavaPublisherPort", publisher.Port)));
        await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, project.Instance), port);
        using WebClient client = new();
        using ClientWebSocket socket = await client.OpenAsync($"ws://localhost:{port}/ws/");
        string seen = await WebClient.ReceiveAsync(socket);
        StringAssert.StartsWith(seen, "GET /ws/ HTTP/1.1\r\n", StringComparison.Ordinal);
        StringAssert.Contains(seen, "X-Forwarded-For: 127.0.0.1\r\n", StringComparison.Ordinal);
        await socket.SendAsync("an event"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.AreEqual("an event", await WebClient.ReceiveAsync(socket));
    }

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("apache2")]
    public async Task Instances_share_a_host_by_locations(string server)
    {
        int port = WebServer.FreePorts(1)[0];
        using LoopbackBackend one = new();
        using LoopbackBackend two = new();
        using TestProject project = await WebProject.BuiltAsync(
            WebProject.Properties(("LavaInstance", "one"), ("LavaWebLocation", "/lab"), WebProject.Publisher, ("LavaPort", one.Port), ("LavaPublisherPort", one.Port)));
        project.Describe(WebProject.Body(
            WebProject.Properties(("LavaInstance", "two"), ("LavaWebLocation", "/other/lab_2"), ("LavaPort", two.Port), ("LavaPublisherPort", 1)), "tan"));
        (await project.BuildAsync()).Succeeds();
        Assert.IsFalse(File.Exists(project["instances", "one", "etc", server, "lava.conf"]));
        string[] includes = [.. ((string[])["one", "two"]).Select(name => WebProject.Include(server, project["instances", name], "lava-location.conf"))];
        string host = server == "nginx"
            ? $"server {{ listen 127.0.0.1:{port}; location / {{ return 200 own; }} location ~ css {{ return 500; }} {string.Join('\n', includes)} }}"
            : $"<VirtualHost *:{port}>\nAllowEncodedSlashes NoDecode\nRedirectMatch 410 \"^/labyrinth\"\nErrorDocument 410 \"own\"\n{string.Join('\n', includes)}\n</VirtualHost>";
        await using WebServer serving = await WebServer.StartAsync(project, server, host, port);
        using WebClient client = new();
        string at = $"http://{Host}:{port}";

        Assert.AreEqual("own", (await client.GetAsync($"{at}/labyrinth")).Text);
        WebAnswer bare = (await client.GetAsync($"{at}/lab")).Is(301);
        Assert.AreEqual("/lab/", new Uri(new Uri(at), bare["Location"]).AbsolutePath);
        StringAssert.StartsWith((await client.GetAsync($"{at}/lab/scheduler/?a=b")).Is(200).Text, "GET /lab/scheduler/?a=b HTTP/1.1\r\n", StringComparison.Ordinal);
        StringAssert.StartsWith((await client.GetAsync($"{at}/lab/results/1/a%2Fb")).Is(200).Text, "GET /lab/results/1/a%2Fb HTTP/1.1\r\n", StringComparison.Ordinal);
        StringAssert.StartsWith((await client.GetAsync($"{at}/other/lab_2/")).Is(200).Text, "GET /other/lab_2/ HTTP/1.1\r\n", StringComparison.Ordinal);
        Assert.AreEqual("body { color: red }", (await client.GetAsync($"{at}/lab/static/css/site.css")).Is(200).Text);
        Assert.AreEqual("body { color: tan }", (await client.GetAsync($"{at}/other/lab_2/static/css/site.css")).Is(200).Text);
        (await client.GetAsync($"{at}/lab/static/css/.hidden")).Is(404);
        using ClientWebSocket socket = await client.OpenAsync($"ws://{Host}:{port}/lab/ws/");
        StringAssert.StartsWith(await WebClient.ReceiveAsync(socket), "GET /ws/ HTTP/1.1\r\n", StringComparison.Ordinal);
        (await client.GetAsync($"{at}/other/lab_2/ws/")).Is(404);
    }

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("apache2")]
    public async Task With_a_certificate_all_is_by_TLS(string server)
    {
        int[] ports = WebServer.FreePorts(2);
        using LoopbackBackend backend = new();
        using TestProject project = WebProject.Of(WebProject.Properties(
            ("LavaHostName", $"{Host};lava"), ("LavaWebPort", ports[0]), ("LavaWebTlsPort", ports[1]), ("LavaPort", backend.Port), WebProject.Publisher,
            ("LavaPublisherPort", backend.Port), ("LavaTlsCertificate", "tls/it's a cert.pem"), ("LavaTlsKey", "$(MSBuildProjectDirectory)/tls/key.pem")));
        using Certificate certificate = await Certificate.MakeAsync(project, "tls/it's a cert.pem", "tls/key.pem", Host, "lava");
        (await project.BuildAsync()).Succeeds();
        await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, project.Instance), ports);
        using WebClient client = new(certificate.Value);
        string at = $"https://{Host}:{ports[1]}";

        WebAnswer page = (await client.GetAsync($"{at}/accounts/login/", ("X-Forwarded-Proto", "http"))).Is(200).Has("Strict-Transport-Security", "max-age=31536000");
        StringAssert.Contains(page.Text, "X-Forwarded-Proto: https\r\n", StringComparison.Ordinal);
        Assert.AreEqual("body { color: red }", (await client.GetAsync($"https://lava:{ports[1]}/static/css/site.css")).Is(200).Text);
        using ClientWebSocket socket = await client.OpenAsync($"wss://{Host}:{ports[1]}/ws/");
        StringAssert.Contains(await WebClient.ReceiveAsync(socket), "X-Forwarded-Proto: https\r\n", StringComparison.Ordinal);

        foreach (string host in (string[])[Host, "lava", "evil.example.org"])
        {
            // To the name in the project, whatever was asked for.
            (await client.GetAsync($"http://{host}:{ports[0]}/scheduler/a%20b?x=%2F1&y=2")).Is(301)
                .Has("Location", $"{at}/scheduler/a%20b?x=%2F1&y=2").Has("Strict-Transport-Security", "");
        }

        (await client.GetAsync($"http://{Host}:{ports[0]}/")).Is(301).Has("Location", $"{at}/");
        (await client.GetAsync($"http://{Host}:{ports[0]}/tmp/none")).Is(404);
    }
}
