namespace Lava.Build.Services;

/// <summary>How often a step is carried out.</summary>
public enum StepFrequency
{
    /// <summary>Once for each release that starts; again after another release has run.</summary>
    Release,

    /// <summary>Once in the life of an instance.</summary>
    Instance,

    /// <summary>At each start.</summary>
    Start,
}

/// <summary>A command that runs to its end before the services that name it in their <c>After</c> (<c>LavaStep</c>), and whose success is recorded.</summary>
public sealed record StepDescription
{
    /// <summary>Its name, of the same form as a service's, and different from all of theirs.</summary>
    public required string Name { get; init; }

    /// <summary>A command line for sh, with the release's <c>bin</c> first in <c>PATH</c>.</summary>
    public required string Command { get; init; }

    /// <summary>Variables to set.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Services that must be healthy, and steps that must be done, before it.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>How often it is carried out.</summary>
    public StepFrequency Once { get; init; } = StepFrequency.Release;

    /// <summary>Seconds after which it has failed.</summary>
    public int Timeout { get; init; } = 600;
}
