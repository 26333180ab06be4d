using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services.Systemd;

/// <summary>
/// The units of one instance in a directory that systemd reads. The first line of each says whose it is; what has another first line, or
/// is a link, is somebody else's and is never changed.
/// </summary>
/// <param name="directory">The absolute directory.</param>
/// <param name="root">The instance's absolute directory.</param>
/// <param name="others">The other directories that the same systemd reads.</param>
internal sealed class UnitDirectory(string directory, string root, IReadOnlyList<string> others)
{
    private const string Wants = ".wants";
    private static readonly string[] AboveUnits = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"];
    private const string MarkStart = "# Lava.Build wrote this for the instance ";
    private const string MarkEnd = "; changes are lost, but 'systemctl edit' keeps its own.";

    /// <summary>The absolute directory.</summary>
    internal string Path => directory;

    /// <summary>Where units stand for all users of a systemd, an admin's own first (systemd.unit(5)).</summary>
    /// <param name="system">Whether it is the system's, not a user's.</param>
    internal static IReadOnlyList<string> Places(bool system) =>
        [.. AboveUnits.Select(place => $"{place}/systemd/{(system ? "system" : "user")}")];

    /// <summary>The names of the instance's units that stand there, in order.</summary>
    internal IReadOnlyList<string> Names() => !Directory.Exists(directory) ? [] :
    [
        .. Directory.EnumerateFiles(directory, "lava-*")
            .Where(IsOwn)
            .Select(file => System.IO.Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The roots of other instances that have units there, in order.</summary>
    internal IReadOnlyList<string> OtherInstances() => !Directory.Exists(directory) ? [] :
    [
        .. Directory.EnumerateFiles(directory, "lava-*").Select(OwnerOf).OfType<string>().Where(owner => owner != root).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// An error for each of <paramref name="names"/> in whose place stands what is not the instance's, or that would hide what systemd finds
    /// elsewhere (LAVA5062).
    /// </summary>
    internal IEnumerable<Problem> CheckPlaces(IEnumerable<string> names) =>
        from name in names
        from file in others.Prepend(directory).Select(place => System.IO.Path.Combine(place, name))
        where FileStatus.Of(file) is not null && !IsOwn(file)
        select Problem.Error(
            Strings.ForeignUnit,
            new SourceLocation(file),
            file,
            root,
            OwnerOf(file) is { } owner ? $"It belongs to the instance '{owner}': {HowToRemove(owner)}, or give one of the two another LavaInstance"
                : "If it belongs to a package, give the instance another LavaInstance; if nobody needs it, delete it");

    /// <summary>How the units of an instance are removed, wherever that is now.</summary>
    internal static string HowToRemove(string root) => $"remove its units with 'dotnet build -t:RemoveServices -p:LavaInstanceRoot={root}'";

    /// <summary>Writes a unit, unless it stands there already; whether it did.</summary>
    internal bool Write(string name, string text)
    {
        string file = At(name);
        string content = $"{MarkStart}{root}{MarkEnd}\n{text}";
        if (IsOwn(file) && File.ReadAllText(file) == content)
        {
            return false;
        }

        Directory.CreateDirectory(directory);
        AtomicFile.DeleteLeftovers(directory, name);
        AtomicFile.Write(file, content, AtomicFile.PublicMode);
        return true;
    }

    /// <summary>Lets <paramref name="wanting"/> start a unit, as <c>systemctl enable</c> does; whether it did not yet.</summary>
    internal bool Enable(string name, string wanting)
    {
        string link = System.IO.Path.Combine(directory, wanting + Wants, name);
        string text = $"../{name}";
        if (new FileInfo(link).LinkTarget == text)
        {
            return false;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(link)!);
        AtomicFile.WriteLink(link, text);
        return true;
    }

    /// <summary>Deletes one of the instance's units, and the links that start it.</summary>
    internal void Delete(string name)
    {
        foreach (string wanting in Directory.EnumerateDirectories(directory, $"*{Wants}"))
        {
            string link = System.IO.Path.Combine(wanting, name);
            if (new FileInfo(link).LinkTarget is { } target && System.IO.Path.GetFullPath(target, wanting) == At(name))
            {
                File.Delete(link);
            }
        }

        File.Delete(At(name));
        Posix.SyncDirectory(directory);
    }

    private string At(string name) => System.IO.Path.Combine(directory, name);

    private bool IsOwn(string file) => OwnerOf(file) == root;

    private static string? OwnerOf(string file)
    {
        if (FileStatus.Of(file) is not { Kind: FileKind.File })
        {
            return null;
        }

        using StreamReader reader = new(file);
        return reader.ReadLine() is { } line && line.StartsWith(MarkStart, StringComparison.Ordinal) && line.EndsWith(MarkEnd, StringComparison.Ordinal)
            ? line[MarkStart.Length..^MarkEnd.Length]
            : null;
    }
}
