using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests;

/// <summary>The sample for real behind both web servers: its packages come from Debian's archive, and an administrator logs in.</summary>
[TestClass]
[TestCategory("Slow")]
[DoNotParallelize]
public sealed partial class WebLoginTests
{
    private const string Host = "lava.example.org";
    private const string Unknown = "evil.example.org";
    private const string Password = "correct-horse-7-staple";
    private static readonly string[] Servers = ["nginx", "apache2"];

    [TestMethod]
    public async Task An_administrator_logs_in_through_both_servers_by_TLS_and_at_a_location_without()
    {
        int[] ports = WebServer.FreePorts(4);
        using TestProject project = Sample(ports);
        using Certificate certificate = await Certificate.MakeAsync(project, "cert.pem", "key.pem", Host, Unknown);
        string[] tls = ["-p:LavaTlsCertificate=cert.pem", "-p:LavaTlsKey=key.pem"];
        const string Location = "-p:LavaWebLocation=/lab";
        File.SetUnixFileMode(project.Write("password", Password + "\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Not as root: whom the services run as if root starts them.
        File.SetUnixFileMode(project.Path, (UnixFileMode)Convert.ToInt32("755", 8));
        string instance = project.Instance;
        try
        {
            (await project.BuildAsync(["-t:Start", .. tls])).Succeeds();
            (await project.BuildAsync(["-t:CreateSuperuser", "-p:LavaSuperuserPasswordFile=password", .. tls])).Succeeds();
            foreach (string server in Servers)
            {
                await using WebServer serving = await WebServer.StartAsync(project, server, WebProject.Include(server, instance), ports[2], ports[3]);
                using WebClient client = new(certificate.Value);
                string cookies = await LogInAsync(client, $"https://{Host}:{ports[3]}", "");
                Assert.HasCount(2, SecurePattern().Matches(cookies), cookies);
                (await client.GetAsync($"https://{Unknown}:{ports[3]}/")).Is(400);
            }

            // Cookies are no longer for TLS only, and the server answers below the location.
            (await project.BuildAsync(["-t:Stop", .. tls])).Succeeds();
            (await project.BuildAsync("-t:Start", Location)).Succeeds();
            foreach (string server in Servers)
            {
                string include = WebProject.Include(server, instance, "lava-location.conf");
                string host = server == "nginx"
                    ? $"server {{ listen 127.0.0.1:{ports[2]}; {include} }}"
                    : $"<VirtualHost *:{ports[2]}>\n{include}\n</VirtualHost>";
                await using WebServer serving = await WebServer.StartAsync(project, server, host, ports[2]);
                using WebClient client = new();
                string cookies = await LogInAsync(client, $"http://{Host}:{ports[2]}", "/lab");
                Assert.HasCount(0, SecurePattern().Matches(cookies), cookies);
            }
        }
        finally
        {
            (await project.BuildAsync("-t:Stop", Location)).Succeeds();
        }
    }

    private static TestProject Sample(int[] ports)
    {
        TestProject project = new();
        string sample = Path.Combine(Repository.Root, "sample-instance");
        File.Copy(Path.Combine(sample, "components.props"), project["components.props"]);
        File.Copy(Path.Combine(sample, "instance.lock.json"), project.LockFile);
        string user = Environment.UserName == "root" ? WebProject.Property("LavaUser", "nobody") : "";
        project.Describe($"""
            <PropertyGroup>
              <LavaApplication>lava-server</LavaApplication>
              <Configuration>Release</Configuration>
              {user}
              {WebProject.Properties(("LavaHostName", Host), ("LavaPort", ports[0]), ("LavaPublisherPort", ports[1]), ("LavaWebPort", ports[2]), ("LavaWebTlsPort", ports[3]))}
            </PropertyGroup>
            <Import Project="components.props" />
            """);
        return project;
    }

    // What a browser does: the page with its style sheets, scripts and images, the form, and the page that it leads to.
    private static async Task<string> LogInAsync(WebClient client, string at, string location)
    {
        WebAnswer page = (await client.GetAsync($"{at}{location}/accounts/login/")).Is(200);
        string[] files = [.. FilePattern().Matches(page.Text).Select(match => match.Groups[1].Value)];
        Assert.IsGreaterThan(4, files.Length);
        foreach (string file in files)
        {
            StringAssert.StartsWith(file, $"{location}/static/", StringComparison.Ordinal);
            (await client.GetAsync(at + file)).Is(200).Has("Cache-Control", "no-cache");
        }

        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["csrfmiddlewaretoken"] = TokenPattern().Match(page.Text).Groups[1].Value,
            ["username"] = "admin",
            ["password"] = Password,
        });
        WebAnswer answer = (await client.SendAsync(
            HttpMethod.Post, $"{at}{location}/accounts/login/", form, ("Cookie", Pairs(page)), ("Referer", $"{at}{location}/accounts/login/"))).Is(302).Has("Location", $"{location}/");
        StringAssert.Contains(answer["Set-Cookie"], $"Path={location}/", StringComparison.Ordinal);
        StringAssert.Contains((await client.GetAsync($"{at}{location}/me/", ("Cookie", Pairs(answer)))).Is(200).Text, "admin", StringComparison.Ordinal);
        (await client.GetAsync($"{at}{location}/me/")).Is(302);
        StringAssert.Contains((await client.GetAsync($"{at}{location}/api/v0.2/system/version/")).Is(200).Text, "2023.01", StringComparison.Ordinal);
        return answer["Set-Cookie"];
    }

    private static string Pairs(WebAnswer answer) =>
        string.Join("; ", CookiePattern().Matches(answer["Set-Cookie"]).Select(match => match.Value));

    [GeneratedRegex("(?:href|src)=\"([^\"]*/static/[^\"]*\\.(?:css|js|png))\"")]
    private static partial Regex FilePattern();

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenPattern();

    [GeneratedRegex("lava_(csrf|session)_instance=[^;]+")]
    private static partial Regex CookiePattern();

    [GeneratedRegex("; Secure")]
    private static partial Regex SecurePattern();
}
