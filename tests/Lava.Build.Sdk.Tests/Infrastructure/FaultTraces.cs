namespace Lava.Build.Sdk.Tests;

/// <summary>What a fault shows beside its error.</summary>
/// <param name="Warnings">The codes of its warnings, each as often as it is said.</param>
/// <param name="Damaged">How many entries of the cache it has set aside.</param>
internal sealed record FaultTraces(IReadOnlyList<string> Warnings, int Damaged)
{
    public static FaultTraces None { get; } = new([], 0);
}
