using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>
/// What the terminal logger knows tests by (MSBuild, TerminalLogger.MessageRaised). It shows such messages as they come, from a project whose
/// target <c>_TestRunStart</c> has run; to other loggers they are messages like any other.
/// </summary>
internal static class TestEvents
{
    /// <summary>A test passed: it is shown until the next event. Metadata: <c>localizedResult</c>, <c>displayName</c>.</summary>
    internal const string Passed = "TLTESTPASSED";

    /// <summary>Text to be shown.</summary>
    internal const string Output = "TLTESTOUTPUT";

    /// <summary>All tests ended: their numbers are told at the end of the build. Metadata: <c>total</c>, <c>passed</c>, <c>skipped</c>, <c>failed</c>.</summary>
    internal const string Finish = "TLTESTFINISH";

    /// <summary>Tells of an event.</summary>
    internal static void Tell(IBuildEngine engine, string kind, string text, params (string Name, string Value)[] metadata) => engine.LogMessageEvent(
        new ExtendedBuildMessageEventArgs(kind, text, null, null, MessageImportance.High)
        {
            ExtendedMetadata = metadata.ToDictionary(pair => pair.Name, string? (pair) => pair.Value),
        });
}
