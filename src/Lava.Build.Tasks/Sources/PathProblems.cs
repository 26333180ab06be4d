using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Sources;

/// <summary>What can be wrong with a path that an item gives.</summary>
internal static class PathProblems
{
    /// <summary>What is wrong with a directory of the release; an empty one is right.</summary>
    internal static IEnumerable<Problem> OfPrefix(ComponentReference reference, string metadata)
    {
        string prefix = reference[metadata];
        if (SourcePaths.HasControls(prefix))
        {
            yield return Controls(reference, metadata);
        }
        else if (prefix.Length > 0 && !SourcePaths.IsInside(prefix))
        {
            yield return Problem.Error(
                Strings.PathLeavesProject, reference.Location, metadata, prefix, reference.Name, "the release");
        }
    }

    /// <summary>The metadata holds a control character.</summary>
    internal static Problem Controls(ComponentReference reference, string metadata) =>
        Problem.Error(Strings.ControlCharacter, reference.Location, reference.Name, metadata);
}
