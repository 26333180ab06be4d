using System.Globalization;
using System.Security.Cryptography;
using Lava.Build.Tests;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>
/// A project with one of everything that a build does: a Debian package with Python modules, an archive from a server, a local one,
/// templates, a secret, links, and a command that has a child.
/// </summary>
internal sealed class FireProject : IDisposable
{
    private readonly TestProject _project = new();
    private readonly TestDirectory _temporary = new();
    private readonly LoopbackServer _server;

    private FireProject()
    {
        _server = new LoopbackServer(ServeAsync);
        // `dotnet build` leaves two empty directories there each time.
        _project.SetVariable("TMPDIR", _temporary.Path);
    }

    public TestProject Project => _project;

    public string Cache => _project.Cache;

    /// <summary>What was asked of the server so far.</summary>
    public IReadOnlyList<string> Requests => [.. _server.Exchanges.Select(exchange => exchange.Target)];

    public static async Task<FireProject> CreateAsync()
    {
        FireProject fire = new();
        await fire.MakePackageAsync();
        Archives.Write(
            fire._project["archives", "beta.zip"],
            [.. Enumerable.Range(0, 30).Select(number => ($"data/{number}.txt", new string('x', number * 100)))]);
        fire._project.Write("templates/alpha.conf", "version @{AlphaVersion} of @{Instance}\n");
        fire._project.Write("templates/more.conf", "more of @{AlphaVersion}\n");
        return fire;
    }

    public string InstanceOf(string name) => _project["instances", name];

    /// <summary>Wants <c>alpha</c> at a version; each version is an archive of its own.</summary>
    public void Describe(int version)
    {
        PackAlpha(version);
        _project.Describe(Body(version));
    }

    /// <summary>The text of another project that wants the same, with hashes, so that nobody has to find them out.</summary>
    public string PinnedText(int version)
    {
        PackAlpha(version);
        string text = TestProject.ProjectText(Body(version));
        foreach (string file in (string[])[$"alpha-{version}.tar.gz", "package.deb"])
        {
            string digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_project["served", file])));
            text = text.Replace($"{file}\"", $"{file}\" Sha256=\"{digest}\"", StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>The arguments of a build of the instance called <paramref name="name"/>.</summary>
    public static string[] BuildArguments(string name) => ["build", "instance.proj", $"-p:LavaInstance={name}"];

    /// <summary>Deletes an instance with all in it.</summary>
    public void DeleteInstance(string name) => Delete(InstanceOf(name));

    public void DeleteCache() => Delete(Cache);

    public void Dispose()
    {
        _server.Dispose();
        _project.Dispose();
        _temporary.Dispose();
    }

    private void PackAlpha(int version)
    {
        string archive = _project["served", $"alpha-{version}.tar.gz"];
        if (!File.Exists(archive))
        {
            Archives.Write(
                archive,
                [
                    ("bin/alpha", $"#!/bin/sh\necho alpha {version}\n"),
                    .. Enumerable.Range(0, 30).Select(number => ($"share/alpha/{number}.txt", $"{version} {number}")),
                    .. Enumerable.Range(0, 10).Select(number => ($"lib/python3/dist-packages/alpha{number}.py", $"VERSION = {version}\n")),
                ]);
        }
    }

    private string Body(int version) => $"""
        <ItemGroup>
          <LavaComponent Include="alpha" Source="archive" Version="{version}" Url="{_server.Url($"alpha-{version}.tar.gz")}" />
          <LavaComponent Include="beta" Source="archive" Version="1" Path="archives/beta.zip" Prefix="share/beta" />
          <LavaComponent Include="package" Source="archive" Version="1" Url="{_server.Url("package.deb")}" />
          <LavaValue Include="AlphaVersion" Value="{version}" />
          <LavaTemplate Include="templates/alpha.conf" />
          <LavaTemplate Include="templates/more.conf" Destination="etc/more/more.conf" />
          <LavaTemplate Include="templates/more.conf" Destination="share/more.conf" />
          <LavaSecret Include="etc/secret" />
          <LavaDirectory Include="var/log" Mode="0750" />
          <LavaLink Include="var/tool" To="code/current/bin/alpha" />
          <LavaLauncher Include="beta" Command="alpha" />
          <LavaCommand Include="check" Command="sleep 300 &gt; /dev/null 2&gt;&amp;1 &amp; touch $LAVA_INSTANCE/tmp/command; alpha &gt; checked.txt &amp;&amp; sleep 0.03; kill $!" />
        </ItemGroup>
        <PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>
        """;

    private static void Delete(string directory)
    {
        if (Directory.Exists(directory))
        {
            TestDirectory.Delete(directory);
        }
    }

    private async Task MakePackageAsync()
    {
        const string Modules = "package/usr/lib/python3/dist-packages/fire";
        _project.Write("package/DEBIAN/control", "Package: package\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: test\n");
        _project.Write($"{Modules}/__init__.py", "from fire.module7 import NUMBER\n");
        foreach (int number in Enumerable.Range(0, 20))
        {
            _project.Write($"{Modules}/module{number}.py", $"NUMBER = {number}\n");
        }

        Directory.CreateDirectory(_project["served"]);
        (await _project.RunAsync("dpkg-deb", "--root-owner-group", "-b", _project["package"], _project["served", "package.deb"])).Succeeds();
    }

    private Task ServeAsync(LoopbackExchange exchange)
    {
        string file = _project["served", Path.GetFileName(exchange.Target)];
        if (!File.Exists(file))
        {
            return exchange.ReplyAsync("404 Not Found", []);
        }

        byte[] bytes = File.ReadAllBytes(file);
        string tag = string.Create(CultureInfo.InvariantCulture, $"ETag: \"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"");
        return exchange.RangeStart > 0 && exchange.RangeStart < bytes.Length
            ? exchange.ReplyRangeAsync(bytes, tag)
            : exchange.ReplyAsync("200 OK", bytes, tag);
    }
}
