namespace Lava.Build.Benchmarks.Peers;

/// <summary>What each takes to find that there is nothing to do.</summary>
internal static class NothingToDo
{
    internal static async Task<IReadOnlyList<TimedCommand>> CompareAsync(Workspace workspace) =>
        [.. await NodePeers.NothingToDoAsync(workspace), .. await PythonPeers.NothingToDoAsync(workspace)];
}
