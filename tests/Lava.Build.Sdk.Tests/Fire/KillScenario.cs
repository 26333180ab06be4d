namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>What the build that is killed had to do.</summary>
internal enum KillScenario
{
    /// <summary>A new instance, with nothing in the cache.</summary>
    ColdCache,

    /// <summary>A component at a version that was never built.</summary>
    ChangedVersion,

    /// <summary>The description before the last one, whose release stands.</summary>
    Rollback,

    /// <summary>A new instance from what is in the cache.</summary>
    SecondInstance,
}
