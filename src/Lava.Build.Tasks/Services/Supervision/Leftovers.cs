using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>
/// Finds and ends what a supervisor that was killed has left, by what it recorded: never by a name. Of a service whose jobs outlive it,
/// only the main process is ended.
/// </summary>
/// <param name="layout">The instance.</param>
/// <param name="own">Whom the instance's programs run as, and who may have written the record.</param>
/// <param name="users">Whom services run as; root's processes are among its own only by their variables, unless it is <paramref name="own"/>.</param>
internal sealed class Leftovers(InstanceLayout layout, uint own, IReadOnlySet<uint> users)
{
    private const uint Root = 0;
    private static readonly EndRule StepEnd = new(KillMode.Group, "SIGTERM", 10);

    /// <summary>The processes that are left, for each service and step that has some.</summary>
    internal IReadOnlyList<(string Name, EndRule End, IReadOnlyList<ProcessIdentity> Processes)> Find(InstanceState? state)
    {
        if (state is null || state.Boot != ProcessTable.BootId)
        {
            return [];
        }

        IReadOnlyList<ProcessStatus> all = ProcessTable.All();
        IEnumerable<(string Name, EndRule End, ProcessIdentity Process)> recorded =
        [
            .. state.Services.Select(service => (service.Name, service.End, service.Process)),
            .. state.Steps.Select(step => (step.Name, StepEnd, step.Process)),
        ];
        return
        [
            .. recorded.Select(one => (one.Name, one.End, Of(one.Name, one.End, one.Process, state.Token, all)))
                .Where(one => one.Item3.Count > 0),
        ];
    }

    /// <summary>Ends them, asking first.</summary>
    /// <param name="left">What <see cref="Find"/> found.</param>
    /// <param name="location">For messages.</param>
    /// <param name="now">Cancelled when nothing is waited for any more.</param>
    /// <returns>What was done, in one line; null if there was nothing to do.</returns>
    /// <exception cref="LavaException">One could not be ended (LAVA5021).</exception>
    internal static async Task<string?> EndAsync(
        IReadOnlyList<(string Name, EndRule End, IReadOnlyList<ProcessIdentity> Processes)> left, SourceLocation location, CancellationToken now)
    {
        if (left.Count == 0)
        {
            return null;
        }

        IReadOnlyList<ProcessIdentity>[] alive = await Task.WhenAll(left.Select(one => ProcessEnd.EndAsync(one.Processes, one.End, now)));
        ProcessIdentity[] stubborn = [.. alive.SelectMany(one => one)];
        if (stubborn.Length > 0)
        {
            throw Problem.Error(Strings.LeftoverStays, location, string.Join(", ", stubborn.Select(Describe))).ToException();
        }

        return $"ended what a killed supervisor had left: {string.Join(", ", left.Select(one => $"{one.Name} ({Count(one.Processes.Count)})"))}";
    }

    private static string Count(int processes) =>
        processes == 1 ? "1 process" : string.Create(CultureInfo.InvariantCulture, $"{processes} processes");

    private static string Describe(ProcessIdentity process) => ProcessTable.Find(process.Id) is { } found && ProcessTable.Owner(process.Id) is { } owner
        ? string.Create(CultureInfo.InvariantCulture, $"{process.Id} of {Posix.NameOfUser(owner)} ({ProcessTable.CommandLine(found)})")
        : process.Id.ToString(CultureInfo.InvariantCulture);

    private IReadOnlyList<ProcessIdentity> Of(string name, EndRule end, ProcessIdentity main, string token, IReadOnlyList<ProcessStatus> all)
    {
        bool mainLives = all.Any(process => process.Id == main.Id && process.Start == main.Start);
        if (end.Mode == KillMode.Process)
        {
            return mainLives && IsAllowed(main.Id, token) ? [main] : [];
        }

        HashSet<ProcessIdentity> found = [.. SessionMembers.OfToken(token, name, all)];
        // Without its leader, a session is only taken for ours where something else says so too.
        found.UnionWith(SessionMembers.Of(main, all).Where(process => mainLives || IsHere(process.Id)));
        return [.. found.Where(process => IsAllowed(process.Id, token))];
    }

    // The record may be written by the instance's user: root must not be led by it to processes of others.
    private bool IsAllowed(int process, string token) => ProcessTable.Owner(process) switch
    {
        null => false,
        Root when own != Root => IsStartedHere(process) && ProcessTable.Variable(process, RunContext.TokenVariable) == token,
        uint owner when owner == own => true,
        // Programs overwrite their variables, and others may use the same user.
        uint owner => users.Contains(owner) && (IsStartedHere(process) || IsHere(process)),
    };

    private bool IsStartedHere(int process)
    {
        try
        {
            return ProcessTable.Variable(process, RunEnvironment.InstanceVariable) is { Length: > 0 } root
                && FileStatus.Behind(root) is { } started && FileStatus.Behind(layout.Root) is { } instance && started.IsSameFile(instance);
        }
        catch (IOException)
        {
            // What cannot be looked at is not this instance.
            return false;
        }
    }

    private bool IsHere(int process) =>
        ProcessTable.WorkingDirectory(process) is { } directory && (directory == layout.Root || directory.StartsWith(layout.Root + "/", StringComparison.Ordinal));
}
