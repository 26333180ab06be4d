namespace Lava.Build.Services;

/// <summary>What only the place of an instance decides, and therefore no release may hold.</summary>
/// <param name="InstanceRoot">The instance's absolute directory.</param>
/// <param name="Release">The release's absolute directory, without <c>current</c>.</param>
public sealed record RunHoles(string InstanceRoot, string Release)
{
    /// <summary>The hole that stands for the instance's directory.</summary>
    public const string InstanceRootHole = "@{InstanceRoot}";

    /// <summary>The hole that stands for the release's directory.</summary>
    public const string ReleaseHole = "@{Release}";

    /// <summary>Fills both holes.</summary>
    public string Fill(string text) => text
        .Replace(InstanceRootHole, InstanceRoot, StringComparison.Ordinal)
        .Replace(ReleaseHole, Release, StringComparison.Ordinal);
}
