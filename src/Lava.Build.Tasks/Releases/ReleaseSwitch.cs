using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Releases;

/// <summary>Makes a release the active one, by the rename of a fresh symlink. The instance's lock must be held.</summary>
public static class ReleaseSwitch
{
    private const string BinTarget = "code/current/bin";

    /// <summary>Finds out whether the switch can be made, before anything is changed for it.</summary>
    /// <exception cref="LavaException">The release does not stand (LAVA4037), or something else stands in a link's place (LAVA4038).</exception>
    public static void Check(InstanceLayout layout, string release)
    {
        if (!File.Exists(Path.Combine(layout.Release(release), ReleaseRecord.FileName)))
        {
            throw Problem.Error(Strings.ReleaseMissing, SourceLocation.None, release, layout.Code).ToException();
        }

        // Both: half a switch would be worse than none.
        CheckPlace(layout.Current);
        CheckPlace(layout.Bin);
    }

    /// <summary>Lets <c>code/current</c>, and with it <c>bin</c>, lead to <paramref name="release"/>.</summary>
    /// <returns>Whether it led elsewhere before.</returns>
    /// <exception cref="LavaException">The release does not stand (LAVA4037), or something else stands in a link's place (LAVA4038).</exception>
    public static bool To(InstanceLayout layout, string release)
    {
        Check(layout, release);
        bool switched = Link(layout.Current, release);
        Link(layout.Bin, BinTarget);
        return switched;
    }

    private static void CheckPlace(string path)
    {
        if (new FileInfo(path).LinkTarget is null && Path.Exists(path))
        {
            throw Problem.Error(Strings.NotALink, SourceLocation.None, path).ToException();
        }
    }

    private static bool Link(string path, string text)
    {
        if (new FileInfo(path).LinkTarget == text)
        {
            return false;
        }

        AtomicFile.WriteLink(path, text);
        return true;
    }
}
