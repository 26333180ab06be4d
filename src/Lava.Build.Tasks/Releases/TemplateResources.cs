using Lava.Build.Platform;

namespace Lava.Build.Releases;

/// <summary>The template files that are part of this assembly.</summary>
internal static class TemplateResources
{
    private const string Folder = "Templates/";

    /// <summary>The text of the template file <paramref name="name"/>, such as <c>activate.fish</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none of this name.</exception>
    internal static string Read(string name) => EmbeddedText.Read(Folder + name);
}
