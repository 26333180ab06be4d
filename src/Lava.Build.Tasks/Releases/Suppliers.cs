namespace Lava.Build.Releases;

/// <summary>Guesses what would supply a missing path.</summary>
public static class Suppliers
{
    /// <summary>What to do about a link that leads nowhere.</summary>
    public static string Hint(DanglingLink link)
    {
        string leaveOut = $"Leave it out with Excludes=\"{link.Path}\"";

        // Debian Policy, 12.3 and 12.5: the directory is named after its package.
        return link.Target?.Split('/') is ["usr", "share", "doc", var package, ..]
            ? $"Add the component '{package}', or {char.ToLowerInvariant(leaveOut[0])}{leaveOut[1..]}."
            : $"{leaveOut}, or add a component that has it.";
    }
}
