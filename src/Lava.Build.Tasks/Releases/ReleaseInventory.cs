using System.Text;
using System.Text.Json;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>
/// What stands in a release itself, without what its links lead to. Links with an absolute text are left out: they are this
/// machine's, and the record of a release is the same everywhere.
/// </summary>
/// <param name="Files">Each file's SHA-256, by path.</param>
/// <param name="Modes">The mode of each file that has another than r--r--r--, in octal, by path.</param>
/// <param name="Links">Each link's text, by path.</param>
public sealed record ReleaseInventory(
    IReadOnlyDictionary<string, string> Files, IReadOnlyDictionary<string, string> Modes, IReadOnlyDictionary<string, string> Links)
{
    private const string FilesName = "generated";
    private const string ModesName = "modes";
    private const string LinksName = "links";
    private const string DigestName = "inventory";

    /// <summary>The files that hold the inventory, and so are not in it.</summary>
    internal static IReadOnlyList<string> Records { get; } = [ReleaseRecord.FileName, ReleaseRecord.ManifestName];

    /// <summary>Looks at a release, reading every file in it.</summary>
    public static ReleaseInventory Take(string release, CancellationToken cancellation)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        SortedDictionary<string, string> modes = new(StringComparer.Ordinal);
        SortedDictionary<string, string> links = new(StringComparer.Ordinal);
        foreach (FileSystemInfo entry in Walk(release))
        {
            string path = Path.GetRelativePath(release, entry.FullName);
            if (entry.LinkTarget is { } text)
            {
                if (!text.StartsWith('/'))
                {
                    links[path] = text;
                }
            }
            else if (entry is FileInfo file && !Records.Contains(path))
            {
                files[path] = Digest(file, cancellation);
                if (file.UnixFileMode != TreeModes.File)
                {
                    modes[path] = Octal(file.UnixFileMode);
                }
            }
        }

        return new ReleaseInventory(files, modes, links);
    }

    /// <summary>What a record says of a release.</summary>
    /// <exception cref="FormatException">It is damaged; the message says how that shows.</exception>
    internal static ReleaseInventory Read(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            ReleaseInventory inventory = new(Map(document, FilesName), Map(document, ModesName), Map(document, LinksName));
            if (inventory.Files.Keys.Concat(inventory.Links.Keys).Any(path => path.Contains('\0', StringComparison.Ordinal)))
            {
                throw new FormatException("it names what no file system has");
            }

            return document.RootElement.GetProperty(DigestName).GetString() == inventory.Digest()
                ? inventory
                : throw new FormatException("its digest does not fit");
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("it is no record of a release", failure);
        }
    }

    /// <summary>Writes it as members of an object.</summary>
    internal void Write(Utf8JsonWriter writer)
    {
        Write(writer, FilesName, Files);
        Write(writer, ModesName, Modes);
        Write(writer, LinksName, Links);
        writer.WriteString(DigestName, Digest());
    }

    /// <summary>Everything at or below a directory that is no directory itself; links are not followed.</summary>
    internal static IEnumerable<FileSystemInfo> Walk(string root)
    {
        Stack<DirectoryInfo> directories = new([new DirectoryInfo(root)]);
        while (directories.TryPop(out DirectoryInfo? directory))
        {
            foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
            {
                if (entry is DirectoryInfo { LinkTarget: null } below)
                {
                    directories.Push(below);
                }
                else
                {
                    yield return entry;
                }
            }
        }
    }

    /// <summary>The digest of a file's content. Nothing is opened for no content: a FIFO, which has size 0 too, would never open.</summary>
    internal static string Digest(FileInfo file, CancellationToken cancellation) =>
        file.Length == 0 ? Hashing.OfText("") : Hashing.OfFile(file.FullName, cancellation);

    internal static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> map)
    {
        writer.WriteStartObject(name);
        foreach ((string path, string value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteString(path, value);
        }

        writer.WriteEndObject();
    }

    private static Dictionary<string, string> Map(JsonDocument document, string name) =>
        document.RootElement.GetProperty(name).EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString() ?? "", StringComparer.Ordinal);

    private string Digest()
    {
        StringBuilder text = new();
        foreach (IReadOnlyDictionary<string, string> map in (IReadOnlyDictionary<string, string>[])[Files, Modes, Links])
        {
            foreach ((string path, string value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                text.Append(path).Append('\0').Append(value).Append('\n');
            }

            text.Append('\0');
        }

        return Hashing.OfText(text.ToString());
    }
}
