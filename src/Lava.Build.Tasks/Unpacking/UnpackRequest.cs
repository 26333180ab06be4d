using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>One archive to unpack.</summary>
/// <param name="Component">The component it is, for messages.</param>
/// <param name="ArchivePath">The archive, an absolute path. Its content was checked against its pin before.</param>
/// <param name="Recipe">How it becomes a tree.</param>
/// <param name="Limits">What it may cost at most.</param>
/// <param name="Location">Where the component was asked for.</param>
public sealed record UnpackRequest(
    string Component, string ArchivePath, TreeRecipe Recipe, UnpackLimits Limits, SourceLocation Location);
