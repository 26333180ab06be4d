namespace Lava.Build.Diagnostics;

/// <summary>Where the work is told about. May be called from any thread.</summary>
public interface IBuildLog
{
    /// <summary>A line that a user of the default verbosity should see.</summary>
    void Say(string text);

    /// <summary>A line for those who ask for details.</summary>
    void Detail(string text);

    /// <summary>A coded warning.</summary>
    void Warn(Problem problem);
}
