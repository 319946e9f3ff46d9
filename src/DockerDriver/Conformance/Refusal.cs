namespace DockerDriver.Conformance;

/// <summary>What was expected of a call's end.</summary>
internal static class Refusal
{
    /// <summary>No, and with that code where one is asked for.</summary>
    public static Sight Of(Answer answer, int? code = null)
    {
        if (!answer.Refused)
            return Sight.Bad(answer.ToString());
        return code is null || answer.Code == code ? Sight.Good(answer.ToString()) : Sight.Bad($"not code {code}: {answer}");
    }

    /// <summary>Yes.</summary>
    public static Sight Success(Answer answer) => answer.Succeeded ? Sight.Good() : Sight.Bad(answer.ToString());
}
