using System.Globalization;
using Lava.Build.Platform;

namespace Lava.Build.Cache;

/// <summary>Where things stand in the cache. All of it may be deleted at any time.</summary>
/// <param name="Root">The cache's absolute directory (<c>LavaCacheRoot</c>).</param>
public sealed record CacheLayout(string Root)
{
    /// <summary>Archives under their SHA-256.</summary>
    public string Archives => Path.Combine(Root, "archives");

    /// <summary>Trees under their digest.</summary>
    public string Trees => Path.Combine(Root, "trees");

    /// <summary>What is being downloaded; partial files stay here to be resumed.</summary>
    public string Incoming => Path.Combine(Root, "incoming");

    /// <summary>Lock files, one for each thing that is being made.</summary>
    public string Locks => Path.Combine(Root, "locks");

    /// <summary>What was found damaged and set aside.</summary>
    public string Damaged => Path.Combine(Root, "damaged");

    /// <summary>The state of one source, such as package indexes; each user's own where several share the cache.</summary>
    public string State(string source) =>
        Path.Combine(States, IsShared ? string.Create(CultureInfo.InvariantCulture, $"{source}-{Posix.EffectiveUser()}") : source);

    private string States => Path.Combine(Root, "state");

    // What an administrator says by the mode of the cache's own directory holds for all of it.
    private bool IsShared =>
        Directory.Exists(Root) && (File.GetUnixFileMode(Root) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>Makes the directories; a new cache is private to the user, one that an administrator made keeps its mode.</summary>
    public void Create()
    {
        Directory.CreateDirectory(Root, FileTree.PrivateMode);
        foreach (string directory in (string[])[Archives, Trees, Incoming, Locks, Damaged, States])
        {
            MakeDirectory(directory);
        }

        try
        {
            // Of killed builds. Whoever makes one of these now finds it made.
            AtomicFile.DeleteLeftovers(Root, AtomicFile.NewDirectory);
        }
        catch (Exception failure) when (DamagedEntry.IsRefused(failure))
        {
            // The cache can only be read now, and what is left does no harm.
        }
    }

    /// <summary>Makes a directory with the mode of the cache's own, whatever the umask: who may write in the one may in the other.</summary>
    internal void MakeDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            FileTree.Make(directory, File.GetUnixFileMode(Root) | FileTree.PrivateMode);
        }
    }
}
