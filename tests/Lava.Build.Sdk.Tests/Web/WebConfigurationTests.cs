namespace Lava.Build.Sdk.Tests;

/// <summary>What is written for the web servers, and what is refused instead.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class WebConfigurationTests
{
    private const string Odd = "a \"b\" 'c' {d} #e <f> %20 ü \u00e9€";

    [TestMethod]
    [DataRow("nginx", Odd + " ; @{x} & ` ~ | ( ) ! =")]
    [DataRow("apache2", Odd + " $HOME $(id) ; %{HOST} & ` ~ | ( ) ! =")]
    public async Task Odd_places_are_quoted(string server, string name)
    {
        int[] ports = WebServer.FreePorts(2);
        using TestProject project = WebProject.Of(WebProject.Properties(
            ("LavaInstance", "odd.one_2-x"), ("LavaWebServers", server), ("LavaWebPort", ports[0]), ("LavaWebTlsPort", ports[1]), ("LavaPort", 1), ("LavaPublisherPort", 1)));
        string place = project[name];
        string given = string.Concat(name.Select(character => char.IsAscii(character) ? $"%{(int)character:X2}" : $"{character}"));
        using Certificate certificate = await Certificate.MakeAsync(project, Path.Combine(name, "tls;.pem"), Path.Combine(name, "k e y"), "localhost");
        string root = $"-p:LavaInstanceRoot={project.Path}/{given}/instance";
        CommandResult built = await project.BuildAsync(root, $"-p:LavaTlsCertificate={given}/tls%3B.pem", $"-p:LavaTlsKey={project.Path}/{given}/k e y");
        built.Succeeds();
        string instance = Path.Combine(place, "instance");
        await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, instance), ports);
        using WebClient client = new(certificate.Value);
        Assert.AreEqual("body { color: red }", (await client.GetAsync($"https://localhost:{ports[1]}/static/css/site.css")).Is(200).Text);
        (await client.GetAsync($"http://localhost:{ports[0]}/tmp/none")).Is(404);
        (await client.GetAsync($"https://localhost:{ports[1]}/static/css/")).Is(403);
    }

    [TestMethod]
    public async Task Blanks_in_the_list_of_servers_do_not_matter()
    {
        using TestProject project = WebProject.Of(WebProject.Properties(("LavaWebServers", " nginx;\n  apache2 ")));
        (await project.BuildAsync()).Succeeds();
        foreach (string server in (string[])["nginx", "apache2"])
        {
            Assert.IsTrue(File.Exists(Path.Combine(project.Instance, "etc", server, "lava.conf")), server);
            Assert.IsTrue(File.Exists(Path.Combine(project.Instance, "etc", server, "lava-location.conf")), server);
        }
    }

    [TestMethod]
    public async Task What_a_server_cannot_write_is_refused_before_anything_is_written()
    {
        using TestProject project = WebProject.Of("");
        foreach ((string name, string server, string character) in ((string, string, string)[])
            [("a$b", "nginx", "'$'"), ("a${HOME}b", "apache2", "'$'"), ("a*b", "nginx", "'*'"), ("a[b", "apache2", "'['")])
        {
            string root = project[name];
            CommandResult result = await project.BuildAsync($"-p:LavaInstanceRoot={root.Replace("$", "%24", StringComparison.Ordinal)}", $"-p:LavaWebServers={server}");
            foreach (Diagnostic error in result.Errors)
            {
                Assert.AreEqual("LAVA5051", error.Code, result.ToString());
                StringAssert.EndsWith(error.File, ".conf", StringComparison.Ordinal);
                Assert.AreNotEqual(0, error.Line);
                StringAssert.Contains(error.Text, character, StringComparison.Ordinal);
            }

            Assert.IsNotEmpty(result.Errors, result.ToString());
            result.HasNoStack();
            Assert.IsFalse(Directory.Exists(Path.Combine(root, "etc", server)));
        }

        // It is this server alone that cannot.
        (await project.BuildAsync($"-p:LavaInstanceRoot={project["a%24b"]}", "-p:LavaWebServers=apache2")).Succeeds();
        (await project.BuildAsync($"-p:LavaInstanceRoot={project["a*b"]}", "-p:LavaWebServers=none")).Succeeds();
        Assert.IsFalse(Directory.Exists(project["a*b", "etc", "nginx"]));
    }

    [TestMethod]
    public async Task Mistakes_are_told_together_before_anything_is_fetched()
    {
        using TestProject project = WebProject.Of("");
        project.Write("here.pem", "");
        File.Delete(project["archives", "alpha-1.0.tar.gz"]);
        (await project.RestoreAsync("-p:LavaTlsCertificate=here.pem")).FailsWith("LAVA5052").Says("LavaTlsCertificate is set, but LavaTlsKey is not");
        (await project.RestoreAsync("-p:LavaTlsKey=none.pem")).FailsWith("LAVA5052", "LAVA5053").Says($"LavaTlsKey is '{project["none.pem"]}'");
        (await project.RestoreAsync("-p:LavaTlsCertificate=here.pem", "-p:LavaTlsKey=archives")).FailsWith("LAVA5053");
        (await project.RestoreAsync("-p:LavaTlsCertificate=here.pem", "-p:LavaTlsKey=here.pem", "-p:LavaWebLocation=/lab")).FailsWith("LAVA5054");
        (await project.RestoreAsync(
            "-p:LavaHostName=bücher.example%3Ba b", "-p:LavaWebLocation=lab/", "-p:LavaWebPort=0", "-p:LavaPort=x", "-p:LavaBind=a b", "-p:LavaWebServers=ngix", "-p:LavaWebTls=perhaps"))
            .FailsWith([.. Enumerable.Repeat("LAVA1061", 8)]).Says("'xn--bcher-kva.example'").Says("as in /lab").Says("Use nginx, apache2");
        (await project.RestoreAsync("-p:LavaTlsCertificat=x")).FailsWith("LAVA1065");
    }

    [TestMethod]
    public async Task A_certificate_that_only_the_web_server_may_look_at_is_taken_on_trust()
    {
        using TestProject project = WebProject.Of("");
        project.Write("live/cert.pem", "");
        File.SetUnixFileMode(project["live"], UnixFileMode.None);
        (await project.OrdinaryAsync("build", "instance.proj", "-p:LavaTlsCertificate=live/cert.pem", "-p:LavaTlsKey=live/key.pem")).Succeeds();
        StringAssert.Contains(project.Read("instances/instance/etc/nginx/lava.conf"), $"ssl_certificate_key \"{project["live", "key.pem"]}\";", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_moved_instance_is_followed_except_where_somebody_edited()
    {
        using TestProject project = await WebProject.BuiltAsync("");
        string first = project.CurrentRelease;
        string edited = Path.Combine(project.Instance, "etc", "apache2", "lava.conf");
        await File.AppendAllTextAsync(edited, "# mine\n");
        string moved = project["moved", "to here"];
        Directory.CreateDirectory(project["moved"]);
        Directory.Move(project.Instance, moved);

        CommandResult result = (await project.BuildAsync($"-p:LavaInstanceRoot={moved}")).Succeeds();
        Assert.AreEqual("LAVA4030", result.Warnings.Single().Code);
        Assert.AreEqual(first, TestProject.ReleaseOf(moved));
        foreach (string file in Directory.GetFiles(Path.Combine(moved, "etc"), "*", SearchOption.AllDirectories))
        {
            string text = await File.ReadAllTextAsync(file);
            bool own = file.EndsWith("apache2/lava.conf", StringComparison.Ordinal);
            Assert.AreEqual(own, text.Contains(project.Instance, StringComparison.Ordinal), file);
            Assert.AreEqual(!own, text.Contains(moved, StringComparison.Ordinal), file);
        }
    }

    [TestMethod]
    public async Task A_release_is_the_same_in_every_place_and_cannot_name_its_own()
    {
        using TestProject here = await WebProject.BuiltAsync("");
        using TestProject there = await WebProject.BuiltAsync("");
        Assert.AreEqual(here.CurrentRelease, there.CurrentRelease);
        StringAssert.Contains(here.Read("instances/instance/etc/nginx/lava.conf"), here.Instance, StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(Path.Combine(here.Instance, "code", here.CurrentRelease), "*", SearchOption.AllDirectories))
        {
            Assert.IsFalse((await File.ReadAllTextAsync(file)).Contains(here.Path, StringComparison.Ordinal), file);
        }

        here.Write("where.conf", "one\ntwo @{InstanceRoot}\n");
        here.Describe(WebProject.Body("", items: """<LavaTemplate Include="where.conf" Destination="share/where.conf" />"""));
        Diagnostic error = (await here.BuildAsync()).FailsWith("LAVA5050").Errors.Single();
        Assert.AreEqual(here["where.conf"], error.File);
        Assert.AreEqual(2, error.Line);
        StringAssert.Contains(error.Text, "share/where.conf", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Settings_fit_the_way_the_server_is_reached()
    {
        using TestProject project = await WebProject.BuiltAsync(WebProject.Properties(("LavaHostName", "lava.example.org; lava"), ("LavaWebLocation", "/lab")));
        Dictionary<string, string> plain = Settings(project);
        Assert.AreEqual("""["[::1]", "127.0.0.1", "localhost", "lava.example.org", "lava"]""", plain["ALLOWED_HOSTS"]);
        Assert.AreEqual("\"/lab/\"", plain["MOUNT_POINT"]);
        Assert.AreEqual("\"/lab/static/\"", plain["STATIC_URL"]);
        Assert.AreEqual("false", plain["SESSION_COOKIE_SECURE"]);
        Assert.AreEqual("null", plain["SECURE_PROXY_SSL_HEADER"]);
        (await project.BuildAsync("-p:LavaWebTls=True")).Succeeds();
        Dictionary<string, string> tls = Settings(project);
        Assert.AreEqual("true", tls["SESSION_COOKIE_SECURE"]);
        Assert.AreEqual("true", tls["CSRF_COOKIE_SECURE"]);
        Assert.AreEqual("[HTTP_X_FORWARDED_PROTO, https]", tls["SECURE_PROXY_SSL_HEADER"]);
    }

    private static Dictionary<string, string> Settings(TestProject project) =>
        File.ReadLines(Path.Combine(project.Instance, "code", "current", "share", "lava-instance", "settings.d", "web.yaml"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
