using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Cache;

/// <summary>A tree that is wanted: a component's archive and how it is unpacked.</summary>
/// <param name="Component">The component's name, for messages.</param>
/// <param name="Archive">The archive's SHA-256.</param>
/// <param name="Recipe">How it becomes a tree.</param>
/// <param name="Location">Where the component was asked for.</param>
public sealed record TreeRequest(string Component, string Archive, TreeRecipe Recipe, SourceLocation Location)
{
    // Raised whenever the same archive and recipe would give another tree than before.
    private const int LayoutVersion = 1;

    /// <summary>The name of the tree in the cache: a digest of all that shapes it.</summary>
    /// <param name="pythonTag">What its .pyc files are called, or null where none are made.</param>
    public string Digest(string? pythonTag) => Hashing.OfText(
        $"layout {LayoutVersion}\narchive {Archive}\nformat {Recipe.Format}\nprefix {Recipe.Prefix}\nstrip {Recipe.StripComponents}\npython {pythonTag}\n");

    /// <summary>The request for a pinned component; null for one that is used in place.</summary>
    public static TreeRequest? For(PinnedComponent component, TreeRecipe? recipe) =>
        recipe is null
            ? null
            : new TreeRequest(component.Reference.Name, component.Pin.Sha256!, recipe, component.Reference.Location);
}
