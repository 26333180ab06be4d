using System.Text;
using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>Where an accepted member goes.</summary>
/// <param name="Path">Its path in the tree.</param>
/// <param name="HardLinkTo">For hard links: the path of the file it is another name of.</param>
/// <param name="NewParents">Directories that no member named and that must be made first, outermost first.</param>
internal sealed record Placement(string Path, string? HardLinkTo, IReadOnlyList<string> NewParents);

/// <summary>
/// The one policy for hostile input. Names are judged as they stand in the archive, and what a member may do depends only on
/// the members accepted before it; the disk is never asked.
/// </summary>
/// <param name="recipe">Its prefix and stripping are applied to what was accepted.</param>
/// <param name="faults">Makes the problems.</param>
internal sealed class MemberPolicy(TreeRecipe recipe, ArchiveFaults faults)
{
    private const int SegmentLimit = 255;
    private const int NameLimit = 4096;
    private const int TargetLimit = 4095;
    private const int DepthLimit = 100;

    private readonly TreeShape _archive = new();

    /// <summary>Stripping can lay two members on one path, so the result has to be judged once more.</summary>
    private readonly TreeShape? _stripped = recipe.StripComponents > 0 ? new TreeShape() : null;

    /// <summary>The directories of the recipe's prefix, outermost first.</summary>
    internal IEnumerable<string> PrefixDirectories()
    {
        for (int end = recipe.Prefix.IndexOf('/'); end >= 0; end = recipe.Prefix.IndexOf('/', end + 1))
        {
            yield return recipe.Prefix[..end];
        }

        if (recipe.Prefix.Length > 0)
        {
            yield return recipe.Prefix;
        }
    }

    /// <summary>Judges the next member.</summary>
    /// <param name="member">As the archive describes it.</param>
    /// <param name="placement">Where it goes; null if it was rejected, or is passed over because stripping leaves nothing of it.</param>
    /// <returns>Why it was rejected, or null.</returns>
    internal Problem? Judge(ArchiveMember member, out Placement? placement)
    {
        placement = null;
        if (JudgeKind(member) is { } kind)
        {
            return kind;
        }

        if (JudgeName(member.Name, member.Name, out string path) is { } name)
        {
            return name;
        }

        if (path.Length == 0)
        {
            return member.Kind == MemberKind.Directory
                ? null
                : faults.Rejected(Strings.MemberNameBad, member.Name, "it names the root, and is not a directory");
        }

        if (JudgeTarget(member, out string? target) is { } link)
        {
            return link;
        }

        if (JudgePlace(_archive, member, path) is { } place)
        {
            return place;
        }

        IReadOnlyList<string> parents = _archive.Add(path, Standing(member.Kind));
        if (_stripped is null)
        {
            if (JudgeReserved(member, path) is { } reserved)
            {
                return reserved;
            }

            placement = new Placement(WithPrefix(path), target is null ? null : WithPrefix(target), WithPrefix(parents));
            return null;
        }

        return JudgeStripped(member, path, target, out placement);
    }

    private Problem? JudgeStripped(ArchiveMember member, string path, string? target, out Placement? placement)
    {
        placement = null;
        string? stripped = Strip(path);
        if (stripped is null)
        {
            return null;
        }

        string? strippedTarget = target is null ? null : Strip(target);
        if (target is not null && strippedTarget is null)
        {
            return faults.Rejected(Strings.MemberHardLinkBad, member.Name, ArchiveFaults.Printable(target));
        }

        if (JudgeReserved(member, stripped) is { } reserved)
        {
            return reserved;
        }

        if (JudgePlace(_stripped!, member, stripped) is { } place)
        {
            return place;
        }

        IReadOnlyList<string> parents = _stripped!.Add(stripped, Standing(member.Kind));
        placement = new Placement(
            WithPrefix(stripped), strippedTarget is null ? null : WithPrefix(strippedTarget), WithPrefix(parents));
        return null;
    }

    private Problem? JudgeKind(ArchiveMember member) => member.Kind switch
    {
        MemberKind.Special => faults.Rejected(Strings.MemberSpecial, member.Name, member.Oddity),
        MemberKind.Unknown => faults.Rejected(Strings.MemberKindUnknown, member.Name, member.Oddity),
        not MemberKind.Directory when member.Name.EndsWith('/') =>
            faults.Rejected(Strings.MemberNameBad, member.Name, "it ends with '/', and is not a directory"),
        _ => null,
    };

    /// <param name="member">The name of the member it is about, for the message.</param>
    /// <param name="name">The name to judge.</param>
    /// <param name="path">The name without '.' and empty segments.</param>
    private Problem? JudgeName(string member, string name, out string path)
    {
        path = "";
        if (ArchiveText.HasControl(name))
        {
            return faults.Rejected(Strings.MemberTextBad, member, "its name holds a control character");
        }

        if (name.Length == 0)
        {
            return faults.Rejected(Strings.MemberNameBad, member, "it has no name");
        }

        if (name[0] == '/')
        {
            return faults.Rejected(Strings.MemberNameAbsolute, member);
        }

        if (recipe.Format == ArchiveFormat.Zip && (name.Contains('\\') || (name.Length > 1 && name[1] == ':' && char.IsAsciiLetter(name[0]))))
        {
            return faults.Rejected(Strings.MemberNameForeign, member);
        }

        int depth = 0;
        bool plain = true;
        foreach (Range range in name.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> segment = name.AsSpan(range);
            if (segment is "..")
            {
                return faults.Rejected(Strings.MemberNameClimbs, member);
            }

            if (segment is "" or ".")
            {
                plain = false;
                continue;
            }

            depth++;
            if (Encoding.UTF8.GetByteCount(segment) > SegmentLimit)
            {
                return faults.Rejected(Strings.MemberNameTooLong, member, $"one of its parts is longer than {SegmentLimit} bytes");
            }
        }

        if (depth > DepthLimit)
        {
            return faults.Rejected(Strings.MemberNameTooLong, member, $"it is more than {DepthLimit} directories deep");
        }

        if (Encoding.UTF8.GetByteCount(name) > NameLimit)
        {
            return faults.Rejected(Strings.MemberNameTooLong, member, $"it is longer than {NameLimit} bytes");
        }

        path = plain ? name : string.Join('/', name.Split('/').Where(segment => segment is not ("" or ".")));
        return null;
    }

    /// <param name="member">A member of any kind.</param>
    /// <param name="hardLinkTo">For a hard link: the path, in the archive, of the file it is another name of.</param>
    private Problem? JudgeTarget(ArchiveMember member, out string? hardLinkTo)
    {
        hardLinkTo = null;
        if (member.Kind is not (MemberKind.Link or MemberKind.HardLink))
        {
            return null;
        }

        string target = member.Target ?? "";
        if (ArchiveText.HasControl(target))
        {
            return faults.Rejected(Strings.MemberTextBad, member.Name, "its link target holds a control character");
        }

        if (member.Kind == MemberKind.HardLink)
        {
            if (JudgeName(member.Name, target, out string path) is not null || _archive[path] != MemberKind.File)
            {
                return faults.Rejected(Strings.MemberHardLinkBad, member.Name, ArchiveFaults.Printable(target));
            }

            hardLinkTo = path;
            return null;
        }

        if (target.Length == 0)
        {
            return faults.Rejected(Strings.MemberNameBad, member.Name, "it is a symbolic link to nothing");
        }

        return Encoding.UTF8.GetByteCount(target) > TargetLimit
            ? faults.Rejected(Strings.MemberNameTooLong, member.Name, $"its link target is longer than {TargetLimit} bytes")
            : null;
    }

    private Problem? JudgePlace(TreeShape shape, ArchiveMember member, string path)
    {
        if (shape.ParentInTheWay(path) is { } parent)
        {
            return faults.Rejected(Strings.MemberParentNotDirectory, member.Name, ArchiveFaults.Printable(parent));
        }

        return shape[path] is { } kind && (kind != MemberKind.Directory || member.Kind != MemberKind.Directory)
            ? faults.Rejected(Strings.MemberTwice, member.Name)
            : null;
    }

    /// <param name="member">The member, for the message.</param>
    /// <param name="path">Where it would go, without the prefix.</param>
    private Problem? JudgeReserved(ArchiveMember member, string path) =>
        recipe.Prefix.Length == 0 && (path == TreeManifest.FileName || path.StartsWith(TreeManifest.FileName + "/", StringComparison.Ordinal))
            ? faults.Rejected(Strings.MemberNameBad, member.Name, "the tree's own manifest has that name")
            : null;

    /// <summary>A hard link stands there as the file it is.</summary>
    private static MemberKind Standing(MemberKind kind) => kind == MemberKind.HardLink ? MemberKind.File : kind;

    private string WithPrefix(string path) => recipe.Prefix.Length == 0 ? path : $"{recipe.Prefix}/{path}";

    // Most members have no new parent.
    private IReadOnlyList<string> WithPrefix(IReadOnlyList<string> paths) => paths.Count == 0 ? paths : [.. paths.Select(WithPrefix)];

    private string? Strip(string path)
    {
        int start = 0;
        for (int dropped = 0; dropped < recipe.StripComponents; dropped++)
        {
            int slash = path.IndexOf('/', start);
            if (slash < 0)
            {
                return null;
            }

            start = slash + 1;
        }

        return path[start..];
    }
}
