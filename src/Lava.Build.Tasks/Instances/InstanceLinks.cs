using System.Text;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Instances;

/// <summary>
/// Makes the links of an instance itself. One that was made here follows its item; anything else that stands in its place is an
/// admin's and is kept, with a warning.
/// </summary>
public sealed class InstanceLinks(InstanceLayout layout, IBuildLog log)
{
    /// <summary>Brings the links up to date. The instance's lock must be held.</summary>
    public async Task MakeAsync(IReadOnlyCollection<LinkPart> parts, CancellationToken cancellation)
    {
        HashSet<(string Path, string Text)> known = ReadRecord();
        HashSet<(string Path, string Text)> recorded = known;
        HashSet<(string Path, string Text)> wanted = [.. parts.Select(part => (part.Path, Text(part)))];
        // Recorded before they are made: of a link that a killed build made it must be known whose it is.
        if (!wanted.IsSubsetOf(known))
        {
            recorded = [.. known, .. wanted];
            await WriteRecordAsync(recorded, cancellation);
        }

        HashSet<string> done = new(StringComparer.Ordinal);
        foreach (LinkPart part in parts)
        {
            if (Make(part, known))
            {
                done.Add(part.Path);
            }
        }

        // What a link led to before is of no interest once it leads elsewhere.
        HashSet<(string Path, string Text)> left = [.. known.Where(link => !done.Contains(link.Path)), .. wanted.Where(link => done.Contains(link.Path))];
        if (!left.SetEquals(recorded))
        {
            await WriteRecordAsync(left, cancellation);
        }
    }

    private static string Text(LinkPart part) => RelativePath.Between(part.Path, part.Target);

    private bool Make(LinkPart part, HashSet<(string Path, string Text)> known)
    {
        string path = Path.Combine(layout.Root, part.Path);
        string text = Text(part);
        FileInfo standing = new(path);
        if (standing.LinkTarget == text)
        {
            return true;
        }

        bool own = standing.LinkTarget is { } before && known.Contains((part.Path, before));
        if (!own && (standing.LinkTarget is not null || standing.Exists || Directory.Exists(path)))
        {
            log.Warn(Problem.Warning(Strings.LinkPlaceTaken, part.Location, part.Path, path));
            return false;
        }

        using FileIdentity identity = FileIdentity.At(layout.Root, part.Path);
        FileTree.MakeShared(Path.GetDirectoryName(path)!);
        AtomicFile.WriteLink(path, text);
        return true;
    }

    // A link a line: where it stands, a tabulator, where it leads.
    private HashSet<(string Path, string Text)> ReadRecord() => File.Exists(layout.LinkRecord)
        ? [.. File.ReadLines(layout.LinkRecord).Select(line => line.Split('\t')).Where(fields => fields.Length == 2).Select(fields => (fields[0], fields[1]))]
        : [];

    private Task WriteRecordAsync(IEnumerable<(string Path, string Text)> links, CancellationToken cancellation)
    {
        StringBuilder text = new();
        foreach ((string path, string target) in links.Order())
        {
            text.Append(path).Append('\t').Append(target).Append('\n');
        }

        return AtomicFile.WriteAsync(layout.LinkRecord, text.ToString(), AtomicFile.PublicMode, cancellation);
    }
}
