using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lava.Build.Tests.Sources;

/// <summary>A private archive of Debian packages, and an apt configuration that knows no other.</summary>
internal sealed class AptRepository : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, byte[]> _packages = [];

    public AptRepository()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(
            Configuration,
            $$"""
            Dir::Etc::main "/dev/null";
            Dir::Etc::parts "/dev/null";
            Dir::Etc::sourcelist "{{At("sources.list")}}";
            Dir::Etc::sourceparts "/dev/null";
            Dir::Etc::netrc "/dev/null";
            Dir::Etc::netrcparts "/dev/null";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "/dev/null";
            Acquire::http::Proxy "DIRECT";
            APT::Update::Pre-Invoke { "touch {{At("hook")}}"; };
            APT::Update::Post-Invoke { "touch {{At("hook")}}"; };
            APT::Update::Post-Invoke-Success { "touch {{At("hook")}}"; };
            """);
        Use($"copy:{Root}");
    }

    public string Root => At("archive");

    /// <summary>The value for <c>APT_CONFIG</c>.</summary>
    public string Configuration => At("apt.conf");

    public string At(string name) => Path.Combine(_directory.Path, name);

    /// <summary>Makes the archive's URI, as apt's sources write it, the only one.</summary>
    public void Use(string uri, string options = "[trusted=yes]") => File.WriteAllText(At("sources.list"), $"deb {options} {uri} ./\n");

    /// <summary>The bytes of a package that was added.</summary>
    public byte[] this[string file] => _packages[file];

    /// <summary>Builds a package and lists it.</summary>
    public async Task<byte[]> AddAsync(string name, string version, string architecture = "all", string content = "hello", string hashes = "SHA256")
    {
        string staging = At($"{name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path.Combine(staging, "DEBIAN"));
        Directory.CreateDirectory(Path.Combine(staging, "usr"));
        await File.WriteAllTextAsync(Path.Combine(staging, "usr", name), content);
        string control = $"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: a <a@example.org>\nDescription: test\n";
        await File.WriteAllTextAsync(Path.Combine(staging, "DEBIAN", "control"), control);
        string file = $"{name}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}_{architecture}.deb";
        using Process pack = Process.Start(
            new ProcessStartInfo("dpkg-deb", ["--root-owner-group", "-b", staging, Path.Combine(Root, file)]) { RedirectStandardOutput = true })!;
        await pack.StandardOutput.ReadToEndAsync();
        await pack.WaitForExitAsync();
        Assert.AreEqual(0, pack.ExitCode);
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(Root, file));
        _packages[file] = bytes;
        StringBuilder entry = new(control);
        entry.Append(CultureInfo.InvariantCulture, $"Filename: ./{file}\nSize: {bytes.Length}\n");
        foreach (string hash in hashes.Split(' '))
        {
            entry.Append(CultureInfo.InvariantCulture, $"{hash}: {(hash == "SHA256" ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : new string('1', hash == "SHA512" ? 128 : 32))}\n");
        }

        await File.AppendAllTextAsync(Path.Combine(Root, "Packages"), $"{entry}\n");
        return bytes;
    }

    /// <summary>Lists nothing any more.</summary>
    public void Clear() => File.Delete(Path.Combine(Root, "Packages"));

    /// <summary>Answers as a plain web server of the archive.</summary>
    public Task ServeAsync(LoopbackExchange exchange)
    {
        string file = Path.Combine(Root, Path.GetFileName(Uri.UnescapeDataString(exchange.Target)));
        return File.Exists(file)
            ? exchange.ReplyAsync("200 OK", File.ReadAllBytes(file))
            : exchange.ReplyAsync("404 Not Found", []);
    }

    public void Dispose() => _directory.Dispose();
}
