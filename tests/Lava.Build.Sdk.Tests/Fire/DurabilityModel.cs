namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>
/// What a loss of power could take at each moment of a trace, and whether something that depends on it was visible by then.
/// Assumed of the file system is only what POSIX and the journals of ext4, XFS and Btrfs give: changes of names and links reach the
/// disk in the order they were made; a file's content reaches it when the file, or the file system, is synced.
/// </summary>
/// <param name="isWatched">Which paths matter.</param>
/// <param name="isScratch">Which of them nobody looks at: staging directories, temporary files, locks.</param>
/// <param name="isDependent">Which places lead to everything else, so that all names must be durable before they change.</param>
/// <param name="fileSystemOf">Where the file system is mounted that holds a path.</param>
internal sealed class DurabilityModel(
    Func<string, bool> isWatched, Func<string, bool> isScratch, Func<string, bool> isDependent, Func<string, string> fileSystemOf)
{
    // Each with the line of its last change.
    private readonly Dictionary<string, int> _contents = [];
    private readonly Dictionary<string, int> _names = [];
    private readonly HashSet<string> _empty = [];
    private readonly List<string> _violations = [];

    /// <summary>How often something became visible.</summary>
    public int Publications { get; private set; }

    /// <summary>How often something visible changed places with what took its own.</summary>
    public int Exchanges { get; private set; }

    /// <summary>What breaks the promise, one line each.</summary>
    public IReadOnlyList<string> Check(IEnumerable<TraceEvent> events)
    {
        foreach (TraceEvent each in events.OrderBy(each => each.End))
        {
            if (each.Kind is TraceKind.Sync or TraceKind.SyncFileSystem or TraceKind.SyncAll || isWatched(each.Path) || (each.Other is not null && isWatched(each.Other)))
            {
                Apply(each);
            }
        }

        _violations.AddRange(_contents.Keys.Where(IsVisible).Select(path => $"end: the content of {path} is not durable"));
        _violations.AddRange(_names.Keys.Where(IsVisible).Select(path => $"end: a name in {path} is not durable"));
        return _violations;
    }

    private void Apply(TraceEvent each)
    {
        switch (each.Kind)
        {
            case TraceKind.Create or TraceKind.Write:
                Change(each, each.Kind == TraceKind.Create ? "made in place" : "written in place");
                _contents[each.Path] = each.End;
                break;
            case TraceKind.Status when !IsVisible(each.Path):
                _contents[each.Path] = each.End;
                break;
            case TraceKind.Status:
                // A directory that was made where it stands gets its mode there.
                break;
            case TraceKind.HardLink:
                Change(each, "linked in place");
                if (_contents.TryGetValue(each.Other!, out int written))
                {
                    _contents[each.Path] = written;
                }

                break;
            case TraceKind.SymbolicLink:
                Change(each, "linked in place");
                break;
            case TraceKind.MakeDirectory:
                Name(each.Path, each.End);
                _empty.Add(each.Path);
                break;
            case TraceKind.Rename:
                if (_empty.Remove(each.Path))
                {
                    // No more than one that is made where it stands: its mode and its names are changes in an order.
                    _contents.Remove(each.Path);
                }

                Publish(each, each.Path, each.Other!);
                Forget(each.Other!);
                Move(each.Path, each.Other!);
                Name(each.Other!, each.End);
                break;
            case TraceKind.Exchange:
                Exchanges++;
                Publish(each, each.Path, each.Other!);
                Publish(each, each.Other!, each.Path);
                string between = each.Path + "\0";
                Move(each.Other!, between);
                Move(each.Path, each.Other!);
                Move(between, each.Path);
                Name(each.Path, each.End);
                Name(each.Other!, each.End);
                break;
            case TraceKind.Delete:
                Forget(each.Path);
                break;
            case TraceKind.Sync:
                Settle(_contents, each, path => path == each.Path);
                Settle(_names, each, path => path == each.Path);
                break;
            case TraceKind.SyncFileSystem:
                string synced = fileSystemOf(each.Path);
                Settle(_contents, each, path => fileSystemOf(path) == synced);
                Settle(_names, each, path => fileSystemOf(path) == synced);
                break;
            default:
                Settle(_contents, each, _ => true);
                Settle(_names, each, _ => true);
                break;
        }
    }

    private void Change(TraceEvent each, string what)
    {
        if (IsVisible(each.Path))
        {
            _violations.Add($"line {each.End}: {each.Path} was {what}");
        }

        if (each.Kind != TraceKind.Write)
        {
            Name(each.Path, each.End);
        }
    }

    // A name that nobody looks at matters only below a directory that will be renamed as a whole.
    private void Name(string path, int line)
    {
        string directory = Path.GetDirectoryName(path)!;
        _empty.Remove(directory);
        if (isScratch(directory) || !isScratch(path))
        {
            _names[directory] = line;
        }
    }

    private void Publish(TraceEvent each, string from, string to)
    {
        if (!IsVisible(to))
        {
            return;
        }

        Publications++;
        _violations.AddRange(_contents.Keys.Where(path => IsAt(path, from))
            .Select(path => $"line {each.Start}: {to} became visible before the content of {path} was durable"));
        _violations.AddRange(_names.Keys.Where(path => IsAt(path, from))
            .Select(path => $"line {each.Start}: {to} became visible before the names in {path} were durable"));
        if (isDependent(to))
        {
            _violations.AddRange(_names.Keys.Where(IsVisible)
                .Select(path => $"line {each.Start}: {to} became visible before a name in {path} was durable"));
        }
    }

    private bool IsVisible(string path) => isWatched(path) && !isScratch(path);

    private static bool IsAt(string path, string root) => path == root || path.StartsWith(root + "/", StringComparison.Ordinal);

    private void Forget(string root)
    {
        foreach (Dictionary<string, int> changes in (Dictionary<string, int>[])[_contents, _names])
        {
            foreach (string path in changes.Keys.Where(path => IsAt(path, root)).ToArray())
            {
                changes.Remove(path);
            }
        }
    }

    private void Move(string from, string to)
    {
        foreach (Dictionary<string, int> changes in (Dictionary<string, int>[])[_contents, _names])
        {
            foreach (string path in changes.Keys.Where(path => IsAt(path, from)).ToArray())
            {
                changes.Remove(path, out int line);
                changes[to + path[from.Length..]] = line;
            }
        }
    }

    private static void Settle(Dictionary<string, int> changes, TraceEvent sync, Func<string, bool> covers)
    {
        // What was still going on when the sync began may have missed it.
        foreach (string path in changes.Where(change => change.Value < sync.Start && covers(change.Key)).Select(change => change.Key).ToArray())
        {
            changes.Remove(path);
        }
    }
}
