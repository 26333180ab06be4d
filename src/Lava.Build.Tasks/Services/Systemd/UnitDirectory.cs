using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services.Systemd;

/// <summary>
/// The units of one instance in a directory that systemd reads. The first line of each says whose it is; what has another first line, or
/// is a link, is somebody else's and is never changed.
/// </summary>
/// <param name="directory">The absolute directory.</param>
/// <param name="root">The instance's absolute directory.</param>
internal sealed class UnitDirectory(string directory, string root)
{
    private const string Wants = ".wants";
    private readonly string _mark = $"# Lava.Build wrote this for the instance {root}; changes are lost, but 'systemctl edit' keeps its own.";

    /// <summary>The absolute directory.</summary>
    internal string Path => directory;

    /// <summary>The names of the instance's units that stand there, in order.</summary>
    internal IReadOnlyList<string> Names() => !Directory.Exists(directory) ? [] :
    [
        .. Directory.EnumerateFiles(directory, "lava-*")
            .Where(IsOwn)
            .Select(file => System.IO.Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>An error for each of <paramref name="names"/> in whose place stands what is not the instance's (LAVA5062).</summary>
    internal IEnumerable<Problem> CheckPlaces(IEnumerable<string> names) =>
        from name in names
        let file = At(name)
        where FileStatus.Of(file) is not null && !IsOwn(file)
        select Problem.Error(Strings.ForeignUnit, new SourceLocation(file), file, root);

    /// <summary>Writes a unit, unless it stands there already; whether it did.</summary>
    internal bool Write(string name, string text)
    {
        string file = At(name);
        string content = $"{_mark}\n{text}";
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

    private bool IsOwn(string file)
    {
        if (FileStatus.Of(file) is not { Kind: FileKind.File })
        {
            return false;
        }

        using StreamReader reader = new(file);
        return reader.ReadLine() == _mark;
    }
}
