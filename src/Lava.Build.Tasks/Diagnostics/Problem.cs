using System.Globalization;

namespace Lava.Build.Diagnostics;

/// <summary>How much a problem matters.</summary>
public enum Severity
{
    /// <summary>The build goes on.</summary>
    Warning,

    /// <summary>The build fails.</summary>
    Error,
}

/// <summary>One coded line for the user: what is wrong, with which component, and what to do.</summary>
/// <param name="Severity">Whether the build fails.</param>
/// <param name="Code"><c>LAVAnnnn</c>; each has a row in <c>docs/errors.md</c>.</param>
/// <param name="Text">The message, without the code.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record Problem(Severity Severity, string Code, string Text, SourceLocation Location)
{
    private const string CodeSeparator = ": ";

    /// <summary>Makes an error from a string of <see cref="Strings"/>, which starts with its code.</summary>
    public static Problem Error(string resource, SourceLocation location, params object?[] arguments) =>
        Create(Severity.Error, resource, location, arguments);

    /// <summary>Makes a warning from a string of <see cref="Strings"/>, which starts with its code.</summary>
    public static Problem Warning(string resource, SourceLocation location, params object?[] arguments) =>
        Create(Severity.Warning, resource, location, arguments);

    /// <summary>An exception that carries this one problem.</summary>
    public LavaException ToException(Exception? inner = null) => new([this], inner);

    private static Problem Create(Severity severity, string resource, SourceLocation location, object?[] arguments)
    {
        int end = resource.IndexOf(CodeSeparator, StringComparison.Ordinal);
        string text = string.Format(CultureInfo.InvariantCulture, resource[(end + CodeSeparator.Length)..], arguments);
        return new Problem(severity, resource[..end], text, location);
    }
}
