using System.Formats.Tar;
using System.Text;
using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests;

/// <summary>A cache of a test's own, and archives to put into it.</summary>
internal sealed class CacheBench : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public CacheBench()
    {
        Layout = new CacheLayout(At("cache"));
        Layout.Create();
        Archives = new ArchiveCache(Layout, Log);
    }

    public CacheLayout Layout { get; }

    public ArchiveCache Archives { get; }

    public RecordingLog Log { get; } = new();

    public HostEnvironment Host { get; } = HostEnvironment.OfThisProcess();

    public string At(params string[] names) => Path.Combine([_directory.Path, .. names]);

    public void Dispose() => _directory.Dispose();

    public TreeCache Trees(PythonInterpreter? python = null) =>
        new(Layout, Archives, python, new UnpackLimits(), new ProcessRunner(Host), Log);

    /// <summary>Adds a tar archive of lines "directory/", "file=content", "file*=content" (executable), "link->text" and "name=>file" (a hard link).</summary>
    public async Task<TreeRequest> AddAsync(string component, params string[] lines)
    {
        string incoming = Archives.FreshPath(Guid.NewGuid().ToString());
        await using (TarWriter writer = new(File.Create(incoming)))
        {
            foreach (string line in lines)
            {
                await writer.WriteEntryAsync(Entry(line));
            }
        }

        string digest = Archives.Add(incoming, null, CancellationToken.None);
        return new TreeRequest(component, digest, new TreeRecipe(ArchiveFormat.Tar), new SourceLocation("instance.proj", 3, 4));
    }

    /// <summary>The whole content of a tree, as lines "path=content" and "path->text".</summary>
    public static string[] Lines(string root) =>
    [
        .. Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(path => !Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
            .Select(path => Path.GetRelativePath(root, path) + (new FileInfo(path).LinkTarget is { } link ? "->" + link : "=" + File.ReadAllText(path)))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Writes to a file that may not be written, as its owner can after chmod, and leaves its mode and time as they were.</summary>
    public static void Damage(string path, string content) => Damage(path, Encoding.UTF8.GetBytes(content));

    /// <inheritdoc cref="Damage(string, string)"/>
    public static void Damage(string path, byte[] content)
    {
        UnixFileMode mode = File.GetUnixFileMode(path);
        DateTime time = File.GetLastWriteTimeUtc(path);
        File.SetUnixFileMode(path, mode | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, time);
        File.SetUnixFileMode(path, mode);
    }

    // The same lines give the same bytes.
    private static PaxTarEntry Entry(string line)
    {
        PaxTarEntry entry = UntimedEntry(line);
        entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000);
        return entry;
    }

    private static PaxTarEntry UntimedEntry(string line)
    {
        if (line.Split("->") is [string link, string text])
        {
            return new PaxTarEntry(TarEntryType.SymbolicLink, link) { LinkName = text };
        }

        if (line.Split("=>") is [string name, string file])
        {
            return new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = file };
        }

        if (line.EndsWith('/'))
        {
            return new PaxTarEntry(TarEntryType.Directory, line) { Mode = TreeModes.Directory };
        }

        string path = line.Split('=')[0];
        string content = line.Contains('=', StringComparison.Ordinal) ? line[(path.Length + 1)..] : path;
        return new PaxTarEntry(TarEntryType.RegularFile, path.TrimEnd('*'))
        {
            Mode = path.EndsWith('*') ? TreeModes.Program : TreeModes.File,
            DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
        };
    }
}
