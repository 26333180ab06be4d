using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lava.Build.Benchmarks.Peers;

/// <summary>npm packages made for measuring, as a registry serves them.</summary>
internal sealed class NodePackages
{
    internal const string Version = "1.0.0";
    private readonly int _count;

    internal NodePackages(string directory, int count)
    {
        Directory = directory;
        _count = count;
        Parallel.For(0, count, i => Make(Path.Combine(directory, ArchiveName(i)), i));
    }

    /// <summary>Where their archives are.</summary>
    internal string Directory { get; }

    /// <summary>The <c>package.json</c> of a project that needs all of them.</summary>
    internal string Description => JsonSerializer.Serialize(new
    {
        name = "bench",
        version = Version,
        @private = true,
        dependencies = Enumerable.Range(0, _count).ToDictionary(Name, _ => Version),
    });

    internal IEnumerable<Component> Components =>
        Enumerable.Range(0, _count).Select(i => new Component(Name(i), Version, ArchiveName(i), $"lib/node_modules/{Name(i)}", StripComponents: 1));

    /// <summary>Fails unless all of them stand in a directory.</summary>
    internal void Require(string directory) =>
        Workspace.Require(Enumerable.Range(0, _count).Select(i => Path.Combine(directory, Name(i))), "*", SyntheticComponents.Files);

    /// <summary>What a registry has at a path.</summary>
    internal byte[]? Answer(string address, string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string archive = Path.Combine(Directory, parts is [_, "-", _] ? parts[2] : $"{parts.FirstOrDefault()}-{Version}.tgz");
        return !File.Exists(archive) ? null : parts.Length > 1 ? File.ReadAllBytes(archive) : About(address, parts[0], File.ReadAllBytes(archive));
    }

    private static byte[] About(string address, string name, byte[] archive)
    {
        Dictionary<string, object> version = new()
        {
            ["name"] = name,
            ["version"] = Version,
            ["dist"] = new
            {
                tarball = $"{address}{name}/-/{name}-{Version}.tgz",
                integrity = $"sha512-{Convert.ToBase64String(SHA512.HashData(archive))}",
            },
        };
        string made = SyntheticComponents.Modified.UtcDateTime.ToString("O");
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["name"] = name,
            ["dist-tags"] = new { latest = Version },
            ["versions"] = new Dictionary<string, object> { [Version] = version },
            ["time"] = new Dictionary<string, string> { ["created"] = made, ["modified"] = made, [Version] = made },
            ["modified"] = made,
        });
    }

    private static string Name(int package) => $"lava-bench-{package}";

    private static string ArchiveName(int package) => $"{Name(package)}-{Version}.tgz";

    private static void Make(string path, int package)
    {
        Random random = new(package);
        using FileStream stream = new(path, FileMode.Create);
        using GZipStream compressed = new(stream, CompressionLevel.Fastest);
        using TarWriter archive = new(compressed, TarEntryFormat.Ustar);
        Add("package.json", Encoding.UTF8.GetBytes($$"""{ "name": "{{Name(package)}}", "version": "{{Version}}" }"""));
        for (int file = 1; file < SyntheticComponents.Files; file++)
        {
            Add(SyntheticComponents.PathOf(file, "js"), SyntheticComponents.Text(random));
        }

        void Add(string name, byte[] content) => archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"package/{name}")
        {
            DataStream = new MemoryStream(content),
            ModificationTime = SyntheticComponents.Modified,
        });
    }
}
