using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Supervision;

/// <summary>Tells on the supervisor's console what other work says.</summary>
internal sealed class ConsoleLog(SupervisorConsole console) : IBuildLog
{
    /// <inheritdoc/>
    public void Say(string text) => console.Say(text);

    /// <inheritdoc/>
    public void Detail(string text)
    {
        // Nobody can ask the supervisor for details.
    }

    /// <inheritdoc/>
    public void Warn(Problem problem) => console.Tell(problem);
}
