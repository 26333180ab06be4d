using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>A place components come from. A new one is one class and one row in <c>SourceRegistry</c>.</summary>
public interface ISource
{
    /// <summary>The name users write as <c>Source</c>.</summary>
    string Name { get; }

    /// <summary>The metadata it knows beyond those every component has.</summary>
    IReadOnlyList<string> Metadata { get; }

    /// <summary>Whether an item must give <c>Version</c>.</summary>
    bool NeedsVersion { get; }

    /// <summary>Whether its own check also judges names and versions, more strictly than what holds for all.</summary>
    bool JudgesNames => false;

    /// <summary>Everything wrong with the item that can be told without asking anybody.</summary>
    /// <param name="reference">The item.</param>
    /// <param name="projectDirectory">The absolute directory of the project.</param>
    IEnumerable<Problem> Check(ComponentReference reference, string projectDirectory);

    /// <summary>Finds the pins of <paramref name="references"/>, in their order. May fetch where that is the only way to know the hash.</summary>
    /// <exception cref="LavaException">One problem for each component that has none.</exception>
    Task<IReadOnlyList<Pin>> ResolveAsync(
        IReadOnlyList<ComponentReference> references, SourceContext context, CancellationToken cancellation);

    /// <summary>Puts the archives of <paramref name="components"/>, which the cache lacks, into it.</summary>
    /// <exception cref="LavaException">One problem for each component that could not be had, or is not what its pin says.</exception>
    Task FetchAsync(IReadOnlyList<PinnedComponent> components, SourceContext context, CancellationToken cancellation);

    /// <summary>How a pinned component's archive becomes a tree; null for one that is used in place.</summary>
    TreeRecipe? Recipe(PinnedComponent component);
}
